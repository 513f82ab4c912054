/* SPDX-License-Identifier: BSD-3-Clause */
#include <netinet/in.h>
#include <string.h>

#include "control/http/http_state.h"
#include "rules/address.h"

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static void peer_address(struct MHD_Connection *c, uint8_t ret[16])
{
	const struct sockaddr *a =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
	memset(ret, 0, 16);
	if (a->sa_family == AF_INET) {
		memcpy(ret, mapped, sizeof(mapped));
		memcpy(ret + 12, &((const struct sockaddr_in *)a)->sin_addr, 4);
	} else if (a->sa_family == AF_INET6) {
		memcpy(ret, &((const struct sockaddr_in6 *)a)->sin6_addr, 16);
	}
}

static bool is_loopback(const uint8_t a[16])
{
	static const uint8_t six[16] = {[15] = 1};
	return !memcmp(a, six, 16) || (!memcmp(a, mapped, sizeof(mapped)) && a[12] == 127);
}

static bool parse(const char *text, size_t len, uint8_t ret[16])
{
	const uint8_t *p = (const uint8_t *)text;
	return memchr(p, ':', len) ? address_parse6(p, len, ret) : address_parse4(p, len, ret);
}

static const char *forwarded(struct MHD_Connection *c)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, "X-Forwarded-For");
}

/* What stands before the last comma is what the client said of itself. */
void client_address(struct MHD_Connection *c, uint8_t ret[16])
{
	peer_address(c, ret);
	const char *text = is_loopback(ret) ? forwarded(c) : NULL;
	if (!text)
		return;
	const char *comma = strrchr(text, ',');
	text = comma ? comma + 1 : text;
	text += strspn(text, " \t");
	parse(text, strcspn(text, " \t"), ret);
}

bool client_may_scrape(const struct http *h, struct MHD_Connection *c)
{
	uint8_t peer[16], may[16];
	peer_address(c, peer);
	if (forwarded(c) || MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Forwarded") ||
	    MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Via"))
		return false;
	if (is_loopback(peer))
		return true;
	for (unsigned i = 0; i < h->config->http.n_metrics_from; i++) {
		const char *text = h->config->http.metrics_from[i];
		if (parse(text, strlen(text), may) && !memcmp(peer, may, 16))
			return true;
	}
	return false;
}
