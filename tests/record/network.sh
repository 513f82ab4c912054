# SPDX-License-Identifier: BSD-3-Clause
# network.sh: the namespaces, the CA and the servers of tests/record/record, which sources it.
# shellcheck shell=bash disable=SC2154

# Everything that the clients ask for: names and the server that has them.
hosts() {
	cat <<-END
		127.0.0.1 localhost
		192.0.2.20 blocked.example www.blocked.example help.blocked.example
		192.0.2.20 www.neighbour.test exact.neighbour.test sub.exact.neighbour.test blocked.example.neighbour.test
		192.0.2.20 shop.test photos.test hidden.photos.test proxy.test xn--bcher-kva.test
		192.0.2.21 quic.blocked.example quic.neighbour.test
		2001:db8::20 v6.blocked.example v6.neighbour.test v6.shop.test
		198.51.100.20 wire.blocked.example wire.neighbour.test
		203.0.113.20 vxlan.blocked.example vxlan.neighbour.test
	END
}

make_namespace() {
	ip netns add "$1"
	ip -n "$1" link set lo up
	mkdir -p "/etc/netns/$1"
	hosts >"/etc/netns/$1/hosts"
	echo "nameserver 192.0.2.20" >"/etc/netns/$1/resolv.conf"
	echo "hosts: files dns" >"/etc/netns/$1/nsswitch.conf"
}

# link NAMESPACE DEVICE NAMESPACE DEVICE NUMBER: a veth pair with checksums and segment sizes as on a wire.
link() {
	ip -n "$1" link add "$2" address "02:00:00:00:0$5:10" type veth peer name "$4" netns "$3"
	ip -n "$3" link set "$4" address "02:00:00:00:0$5:20"
	for end in "$1 $2" "$3 $4"; do
		# shellcheck disable=SC2086
		set -- $end
		ip netns exec "$1" ethtool -K "$2" tx off rx off gso off tso off gro off txvlan off rxvlan off >/dev/null
		ip netns exec "$1" sysctl -q "net.ipv6.conf.$2.accept_dad=0"
		ip -n "$1" link set "$2" up
	done
}

# tunnel NAMESPACE DEVICE LOCAL REMOTE ADDRESS
tunnel() {
	ip -n "$1" link add x0 type vxlan id 5 local "$3" remote "$4" dstport 4789 dev "$2"
	ip netns exec "$1" ethtool -K x0 tx off gso off tso off gro off >/dev/null
	ip -n "$1" link set x0 up
	ip -n "$1" address add "$5" dev x0
}

make_network() {
	for namespace in "$client" "$server" "$wire"; do
		make_namespace "$namespace"
	done
	link "$client" c0 "$server" s0 1
	ip -n "$client" address add 192.0.2.10/24 dev c0
	ip -n "$client" address add 2001:db8::10/64 dev c0
	ip -n "$server" address add 192.0.2.20/24 dev s0
	ip -n "$server" address add 192.0.2.21/24 dev s0
	ip -n "$server" address add 2001:db8::20/64 dev s0

	tunnel "$client" c0 192.0.2.10 192.0.2.20 203.0.113.10/24
	tunnel "$server" s0 192.0.2.20 192.0.2.10 203.0.113.20/24

	link "$client" c1 "$wire" w0 2
	link "$wire" w1 "$server" s1 3
	link "$wire" t0 "$wire" t1 4
	ip -n "$client" link set c1 mtu 1400
	ip -n "$server" link set s1 mtu 1400
	ip -n "$client" address add 198.51.100.10/24 dev c1
	ip -n "$server" address add 198.51.100.20/24 dev s1
	until_true 10 in_client ping -c 1 -W 1 192.0.2.20
	until_true 10 in_client ping -c 1 -W 1 203.0.113.20
	until_true 10 in_client ping -c 1 -W 1 2001:db8::20
}

# carry_as HOW: the link between c1 and s1 carries its frames so.
carry_as() {
	spawn "$wire" "$net/wire.py" "$1" w0:t0 w1:t1 &
	pids+=($!)
	until_true 10 in_client ping -c 1 -W 1 198.51.100.20
}

make_certificates() {
	# shellcheck disable=SC2046
	spki=$("$net/certificates" "$work" $(hosts | grep -v localhost | cut -d' ' -f2-))
}

start_servers() {
	mkdir -p "$work/www"
	echo '<!doctype html><title>page</title><p>A small page.' >"$work/www/page.html"
	sed "s|@WORK@|$work|g" "$net/nginx.conf" >"$work/nginx.conf"
	cat >"$work/listen.conf" <<-END
		listen 80;
		listen [::]:80;
		listen 192.0.2.20:443 ssl http2;
		listen 198.51.100.20:443 ssl http2;
		listen 203.0.113.20:443 ssl http2;
		listen [::]:443 ssl http2;
		listen 8080 http2;
	END
	sed "s|@WORK@|$work|g; s|@ADDRESS@|192.0.2.21|; s|@NAMES@|https://quic.blocked.example, https://quic.neighbour.test|" \
		"$net/Caddyfile" >"$work/Caddyfile"
	spawn "$server" nginx -c "$work/nginx.conf" >"$work/nginx.log" 2>&1 &
	pids+=($!)
	spawn "$server" caddy run --config "$work/Caddyfile" --adapter caddyfile >"$work/caddy.log" 2>&1 &
	pids+=($!)
	spawn "$server" python3 "$net/dns.py" 192.0.2.20 >"$work/dns.log" 2>&1 &
	pids+=($!)
	until_true 20 in_client curl -sf http://shop.test/page.html || { cat "$work/nginx.log" >&2; exit 1; }
	until_true 20 in_client curl -sfk https://quic.neighbour.test/page.html || { cat "$work/caddy.log" >&2; exit 1; }
	until_true 20 in_client getent ahosts ready.test || { cat "$work/dns.log" >&2; exit 1; }
}
