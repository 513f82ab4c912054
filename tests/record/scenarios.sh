# SPDX-License-Identifier: BSD-3-Clause
# scenarios.sh: what the clients do, one function a capture; tests/record/record sources it.
# shellcheck shell=bash disable=SC2034,SC2154

scenarios=(curl-http curl-proxy wget-http curl-https openssl chromium-tls chromium-quic h2c dns-udp dns-tcp ipv6
	vlan qinq mpls pppoe vxlan demo)
declare -A capture_filter
declare -A lists=([demo]="share/lists/demo-court.txt share/lists/demo-csam.txt") # of others: tests/pcap/golden.txt
declare -A carried_as=([vlan]=vlan [qinq]=qinq [mpls]=mpls [pppoe]=pppoe)

fetch() { in_client curl -sS -o /dev/null --cacert "$work/ca.pem" "$@"; }

# Two requests on a connection, the second one blocked; bodies that hold what looks like a request.
scenario_curl_http() {
	printf 'GET /stolen/item9 HTTP/1.1\r\nHost: shop.test\r\n\r\n' >"$work/body"
	fetch http://shop.test/page.html -o /dev/null http://shop.test/stolen/item1
	fetch --data-binary "@$work/body" http://shop.test/upload --next -sS -o /dev/null http://shop.test/stolen/item2
	fetch -T - -H 'Transfer-Encoding: chunked' -H 'Expect:' http://shop.test/upload --next -sS -o /dev/null \
		http://shop.test/stolen/item3 <"$work/body"
	fetch -I http://shop.test/stolen/item4
	fetch http://shop.test/page.html?next=http://shop.test/stolen/item5
	fetch --path-as-is http://shop.test/a/../stolen/./%69tem6
	fetch -H 'Host: SHOP.test.' http://www.neighbour.test/stolen/item7
}

# A proxy is asked with the whole URL, or to connect.
scenario_curl_proxy() {
	fetch -x http://proxy.test:80 http://shop.test/page.html
	fetch -x http://proxy.test:80 http://shop.test/stolen/item1
	fetch -x http://proxy.test:80 https://blocked.example/ || true
	fetch -x http://proxy.test:80 https://www.neighbour.test/ || true
}

scenario_wget_http() {
	for name in blocked.example help.blocked.example www.blocked.example blocked.example.neighbour.test \
		xn--bcher-kva.test; do
		in_client wget -q -O /dev/null "http://$name/page.html"
	done
}

scenario_curl_https() {
	for version in 1.2 1.3; do
		for name in blocked.example www.neighbour.test help.blocked.example; do
			fetch "--tlsv$version" --tls-max "$version" "https://$name/page.html"
		done
	done
	fetch --http1.1 https://www.blocked.example/page.html
}

scenario_openssl() {
	for name in exact.neighbour.test sub.exact.neighbour.test; do
		in_client openssl s_client -connect 192.0.2.20:443 -servername $name -CAfile "$work/ca.pem" </dev/null
	done
	in_client openssl s_client -connect 192.0.2.20:443 -noservername </dev/null
	in_client openssl s_client -connect 192.0.2.20:443 -servername EXACT.neighbour.test -tls1_2 </dev/null
}

# One page by a browser that knows no name but the hosts file's, and trusts the server's key alone.
browse() {
	local url=$1
	shift
	in_client timeout 60 "$net/browser" "$work/browser" "$spki" 'MAP * ~NOTFOUND, EXCLUDE *.test, EXCLUDE *.example' \
		"$@" --dump-dom "$url" |
		grep 'A small page'
}

capture_filter[chromium-tls]='tcp and host 192.0.2.20 and port 443'
scenario_chromium_tls() {
	browse https://www.blocked.example/page.html --disable-quic
	browse https://www.neighbour.test/page.html --disable-quic
}

capture_filter[chromium-quic]='host 192.0.2.21 and port 443'
scenario_chromium_quic() {
	browse https://quic.blocked.example/page.html --enable-quic --origin-to-force-quic-on=quic.blocked.example:443
	browse https://quic.neighbour.test/page.html --enable-quic --origin-to-force-quic-on=quic.neighbour.test:443
}

scenario_h2c() {
	for url in http://shop.test:8080/page.html http://shop.test:8080/stolen/item1 http://www.neighbour.test:8080/page.html \
		http://blocked.example:8080/page.html; do
		fetch --http2-prior-knowledge $url
	done
	fetch --http2-prior-knowledge --data-binary "@$work/ca.pem" http://shop.test:8080/upload
	in_client nghttp -n http://shop.test:8080/page.html http://shop.test:8080/page.css http://shop.test:8080/stolen/item2
}

resolve() {
	for name in name.blocked.example name.neighbour.test help.blocked.example; do
		in_client env RES_OPTIONS="$1" getent ahosts $name.
	done
}

capture_filter[dns-udp]='udp port 53'
scenario_dns_udp() {
	resolve ""
	resolve "edns0 single-request"
}

capture_filter[dns-tcp]='tcp port 53'
scenario_dns_tcp() { resolve use-vc; }

scenario_ipv6() {
	fetch http://v6.shop.test/page.html -o /dev/null http://v6.shop.test/stolen/item1
	fetch https://v6.blocked.example/page.html
	fetch https://v6.neighbour.test/page.html
}

visit() {
	fetch "http://$1.blocked.example/page.html"
	fetch "https://$1.blocked.example/page.html"
	fetch "https://$1.neighbour.test/page.html"
}

scenario_vlan() { visit wire; }
scenario_qinq() { visit wire; }
scenario_mpls() { visit wire; }
scenario_pppoe() { visit wire; }
scenario_vxlan() { visit vxlan; }

# Something of everything, for scripts/run.
scenario_demo() {
	for name in www.neighbour.test name.blocked.example help.blocked.example; do
		in_client getent ahosts $name.
	done
	fetch http://shop.test/ -o /dev/null http://shop.test/stolen/item-17
	fetch http://photos.test/albums/7/index.html -o /dev/null http://photos.test/albums/7/image.jpg
	in_client wget -q -O /dev/null http://help.blocked.example/
	fetch https://hidden.photos.test/
	fetch https://photos.test/
	in_client openssl s_client -connect 192.0.2.20:443 -servername www.blocked.example -CAfile "$work/ca.pem" </dev/null
	browse https://www.blocked.example/page.html --disable-quic
	browse https://www.neighbour.test/page.html --disable-quic
	browse https://quic.blocked.example/page.html --enable-quic --origin-to-force-quic-on=quic.blocked.example:443
	browse https://quic.neighbour.test/page.html --enable-quic --origin-to-force-quic-on=quic.neighbour.test:443
}
