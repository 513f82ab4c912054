/* SPDX-License-Identifier: BSD-3-Clause */
/* rojactl completion: what makes a shell ask rojactl for the words. */
#include <string.h>

#include "control/ctl/complete.h"
#include "control/ctl/tools.h"

static const char bash[] =
    "# bash completion of rojactl, written by: rojactl completion bash\n"
    "_rojactl() {\n"
    "	local word says typed=${COMP_WORDS[COMP_CWORD]}\n"
    "	COMPREPLY=()\n"
    "	while IFS=$'\\t' read -r word says; do\n"
    "		if [[ $word == :files ]]; then\n"
    "			compopt -o filenames 2>/dev/null\n"
    "			while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -f -- \"$typed\")\n"
    "		else\n"
    "			COMPREPLY+=(\"$(printf %q \"$word\")\")\n"
    "		fi\n"
    "	done < <(\"$1\" " COMPLETE_WORD " \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _rojactl rojactl\n";

static const char zsh[] =
    "#compdef rojactl\n"
    "# zsh completion of rojactl, written by: rojactl completion zsh\n"
    "_rojactl() {\n"
    "	local line files=0\n"
    "	local -a found\n"
    "	for line in \"${(@f)$(\"$words[1]\" " COMPLETE_WORD
    " \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
    "		if [[ $line == :files ]]; then\n"
    "			files=1\n"
    "		elif [[ -n $line ]]; then\n"
    "			found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "		fi\n"
    "	done\n"
    "	(( $#found )) && _describe -V rojactl found\n"
    "	(( files )) && _files\n"
    "}\n"
    "if [[ $funcstack[1] == _rojactl ]]; then _rojactl \"$@\"; else compdef _rojactl rojactl; fi\n";

int completion_run(struct request *q)
{
	fputs(request_value(q, "shell")->choice ? zsh : bash, stdout);
	return CTL_OK;
}
