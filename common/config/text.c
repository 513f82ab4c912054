/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int config_text_refuse(const struct config_text *t, unsigned line, struct err *e, const char *fmt, ...)
{
	char sentence[ERR_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return err_set(e, -EINVAL, "%s:%u: %s", t->path, line, sentence);
}

int config_text_refuse_key(const struct config_text *t, struct err *e, const char *fmt, ...)
{
	char text[ERR_BYTES], path[CONFIG_PATH_BYTES];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(text, ":"), text);
	return config_text_refuse(t, config_text_line(t, path), e, "%s", text);
}

const char *config_quote(const char *text, size_t n, char ret[CONFIG_QUOTE_BYTES])
{
	size_t most = CONFIG_QUOTE_BYTES - 4, cut = n < most ? n : most;
	for (size_t i = 0; i < cut; i++)
		ret[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	strcpy(ret + cut, n > cut ? "..." : "");
	return ret;
}

static unsigned line_of_offset(const struct config_text *t, size_t offset)
{
	unsigned line = 1;
	for (size_t i = 0; i < offset && i < t->n; i++)
		line += t->text[i] == '\n';
	return line;
}

static int read_all(int fd, struct config_text *t, struct err *e)
{
	ssize_t got = 1;
	while (t->n <= CONFIG_FILE_MAX && (got = read(fd, t->text + t->n, CONFIG_FILE_MAX + 1 - t->n)) > 0)
		t->n += (size_t)got;
	if (got < 0)
		return err_set(e, -errno, "%s: cannot read it: %s", t->path, strerror(errno));
	if (t->n > CONFIG_FILE_MAX)
		return err_set(e, -EFBIG, "%s:1: longer than %d KiB; is it the right file?", t->path,
			       CONFIG_FILE_MAX / 1024);
	const uint8_t *zero = memchr(t->text, '\0', t->n);
	return zero ? config_text_refuse(t, line_of_offset(t, (size_t)(zero - t->text)), e,
					 "a zero byte; the file must be text in UTF-8")
		    : 0;
}

int config_text_syntax_error(const struct config_text *t, const yaml_parser_t *p, struct err *e)
{
	unsigned line = (unsigned)p->problem_mark.line + 1;
	const char *why = p->problem ? p->problem : "unreadable";
	if (p->error == YAML_MEMORY_ERROR)
		return err_set(e, -ENOMEM, "%s: no memory to read it", t->path);
	if (p->error == YAML_READER_ERROR)
		return config_text_refuse(t, line_of_offset(t, p->problem_offset), e,
					  "no YAML: %s; the file must be text in UTF-8", why);
	if (p->problem_mark.index < t->n && t->text[p->problem_mark.index] == '\t')
		return config_text_refuse(t, line, e, "no YAML: a tab; indent with spaces");
	if (p->problem_mark.index && t->text[p->problem_mark.index - 1] == '*')
		return config_text_refuse(t, line, e, "no YAML: a bare *; quote it: \"*\"");
	return config_text_refuse(t, line, e,
				  "no YAML: %s%s%s; look at indentation, quotes and brackets here",
				  p->context ? p->context : "", p->context ? ", " : "", why);
}

static int load_tree(const struct config_text *t, yaml_parser_t *p, struct err *e)
{
	return yaml_parser_load(p, (yaml_document_t *)(uintptr_t)&t->doc) ? 0
									  : config_text_syntax_error(t, p, e);
}

static int parse(const struct config_text *t,
		 int (*read)(const struct config_text *, yaml_parser_t *, struct err *), struct err *e)
{
	yaml_parser_t p;
	if (!yaml_parser_initialize(&p))
		return err_set(e, -ENOMEM, "%s: no memory to read it", t->path);
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, t->text, t->n);
	int err = read(t, &p, e);
	yaml_parser_delete(&p);
	return err;
}

int config_text_open(const char *path, const struct config_program *program, struct config_text *ret,
		     struct err *e)
{
	struct config_text t = {.path = path, .program = program};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: cannot open it: %s", path, strerror(errno));
	t.text = malloc(CONFIG_FILE_MAX + 1);
	int err = t.text ? read_all(fd, &t, e) : err_set(e, -ENOMEM, "%s: no memory to read it", path);
	close(fd);
	err = err ? err : parse(&t, config_text_gate, e);
	err = err ? err : parse(&t, load_tree, e);
	if (err) {
		free(t.text);
		return err;
	}
	*ret = t;
	return 0;
}

void config_text_close(struct config_text *t)
{
	yaml_document_delete(&t->doc);
	free(t->text);
}

const yaml_node_t *config_text_node(const struct config_text *t, int index)
{
	return yaml_document_get_node((yaml_document_t *)(uintptr_t)&t->doc, index);
}

const yaml_node_t *config_text_root(const struct config_text *t)
{
	return config_text_node(t, 1);
}

/* The pair of a key; NULL where there is none. */
static const yaml_node_pair_t *find_pair(const struct config_text *t, const yaml_node_t *map, const char *key,
					 size_t n)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		const yaml_node_t *k = config_text_node(t, p->key);
		if (k->type == YAML_SCALAR_NODE && k->data.scalar.length == n &&
		    !memcmp(k->data.scalar.value, key, n))
			return p;
	}
	return NULL;
}

const yaml_node_t *config_text_find(const struct config_text *t, const yaml_node_t *map, const char *key,
				    size_t key_len)
{
	const yaml_node_pair_t *p = find_pair(t, map, key, key_len);
	return p ? config_text_node(t, p->value) : NULL;
}

const yaml_node_t *config_text_item(const struct config_text *t, const yaml_node_t *seq, unsigned i)
{
	if (!seq || seq->type != YAML_SEQUENCE_NODE ||
	    i >= (size_t)(seq->data.sequence.items.top - seq->data.sequence.items.start))
		return NULL;
	return config_text_node(t, seq->data.sequence.items.start[i]);
}

/* Goes down the path as far as the tree has it. A key's line is where the key stands, not its value. */
unsigned config_text_line(const struct config_text *t, const char *path)
{
	const yaml_node_t *node = config_text_root(t);
	unsigned line = node ? (unsigned)node->start_mark.line + 1 : 1;
	while (*path && node) {
		size_t n = strcspn(path, ".[");
		const yaml_node_t *at = NULL;
		if (*path == '[') {
			at = node = config_text_item(t, node, (unsigned)strtoul(path + 1, NULL, 10));
			path += strcspn(path, "]") + 1;
		} else {
			const yaml_node_pair_t *p = find_pair(t, node, path, n);
			at = p ? config_text_node(t, p->key) : NULL;
			node = p ? config_text_node(t, p->value) : NULL;
			path += n;
		}
		line = at ? (unsigned)at->start_mark.line + 1 : line;
		path += *path == '.';
	}
	return line;
}
