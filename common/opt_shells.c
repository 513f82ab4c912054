/* SPDX-License-Identifier: BSD-3-Clause */
/* The scripts that make a shell ask a program for its words. In them PROGRAM stands for its name, FUNCTION for one that a function can have. */
#include <string.h>

#include "common/opt_complete.h"

const char *const opt_shells[] = {"bash", "zsh", "fish", NULL};

static const char *const scripts[] = {
    [OPT_BASH] =
	"# bash completion of PROGRAM, written by: PROGRAM completion bash\n"
	"_FUNCTION() {\n"
	"	local word says typed=${COMP_WORDS[COMP_CWORD]}\n"
	"	COMPREPLY=()\n"
	"	while IFS=$'\\t' read -r word says; do\n"
	"		if [[ $word == " OPT_COMPLETE_FILES " ]]; then\n"
	"			compopt -o filenames 2>/dev/null\n"
	"			while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -f -- \"$typed\")\n"
	"		else\n"
	"			COMPREPLY+=(\"$(printf %q \"$word\")\")\n"
	"		fi\n"
	"	done < <(\"$1\" " OPT_COMPLETE_WORD " \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
	"}\n"
	"complete -F _FUNCTION PROGRAM\n",
    [OPT_ZSH] =
	"#compdef PROGRAM\n"
	"# zsh completion of PROGRAM, written by: PROGRAM completion zsh\n"
	"_FUNCTION() {\n"
	"	local line files=0\n"
	"	local -a found\n"
	"	for line in \"${(@f)$(\"$words[1]\" " OPT_COMPLETE_WORD
	" \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
	"		if [[ $line == " OPT_COMPLETE_FILES " ]]; then\n"
	"			files=1\n"
	"		elif [[ -n $line ]]; then\n"
	"			found+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
	"		fi\n"
	"	done\n"
	"	(( $#found )) && _describe -V PROGRAM found\n"
	"	(( files )) && _files\n"
	"}\n"
	"if [[ $funcstack[1] == _FUNCTION ]]; then _FUNCTION \"$@\"; else compdef _FUNCTION PROGRAM; fi\n",
    [OPT_FISH] = "# fish completion of PROGRAM, written by: PROGRAM completion fish\n"
		 "function __FUNCTION_words\n"
		 "	set -l words (commandline -opc) (commandline -ct)\n"
		 "	for line in ($words[1] " OPT_COMPLETE_WORD " $words[2..-1] 2>/dev/null)\n"
		 "		if test \"$line\" = " OPT_COMPLETE_FILES "\n"
		 "			__fish_complete_path (commandline -ct)\n"
		 "		else\n"
		 "			printf '%s\\n' $line\n"
		 "		end\n"
		 "	end\n"
		 "end\n"
		 "complete -c PROGRAM -f -a '(__FUNCTION_words)'\n",
};

void opt_shell_script(enum opt_shell shell, const char *program, FILE *out)
{
	static const char name[] = "PROGRAM", function[] = "FUNCTION";
	for (const char *p = scripts[shell]; *p;) {
		if (!strncmp(p, name, strlen(name))) {
			fputs(program, out);
			p += strlen(name);
		} else if (!strncmp(p, function, strlen(function))) {
			for (const char *c = program; *c; c++)
				putc(*c == '-' ? '_' : *c, out);
			p += strlen(function);
		} else {
			putc(*p++, out);
		}
	}
}
