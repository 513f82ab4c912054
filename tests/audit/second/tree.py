# SPDX-License-Identifier: BSD-3-Clause
"""The Merkle tree of RFC 6962, 2.1, and the checks of proofs of RFC 9162, 2.1.3.2 and 2.1.4.2."""
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry).digest()


def node(left, right):
    return sha256(b"\x01" + left + right).digest()


def split(n):
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


class Tree:
    """Of leaf hashes; all perfect subtrees are kept."""

    def __init__(self, leaves):
        self.levels = [list(leaves)]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            self.levels.append([node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
        self.size = len(self.levels[0])

    def hash(self, begin, end):
        """MTH(D[begin:end]); begin is where such a subtree can begin."""
        n = end - begin
        if n == 0:
            return EMPTY
        if n & (n - 1) == 0 and begin % n == 0:
            return self.levels[n.bit_length() - 1][begin // n]
        k = split(n)
        return node(self.hash(begin, begin + k), self.hash(begin + k, end))

    def root(self, size=None):
        return self.hash(0, self.size if size is None else size)

    def path(self, m, size):
        """PATH(m, D[0:size])."""
        def walk(m, begin, end):
            if end - begin == 1:
                return []
            k = split(end - begin)
            if m < k:
                return walk(m, begin, begin + k) + [self.hash(begin + k, end)]
            return walk(m - k, begin + k, end) + [self.hash(begin, begin + k)]
        return walk(m, 0, size)

    def consistency(self, m, size):
        """PROOF(m, D[0:size])."""
        def walk(m, begin, end, whole):
            if m == end - begin:
                return [] if whole else [self.hash(begin, end)]
            k = split(end - begin)
            if m <= k:
                return walk(m, begin, begin + k, whole) + [self.hash(begin + k, end)]
            return walk(m - k, begin + k, end, False) + [self.hash(begin, begin + k)]
        return walk(m, 0, size, True)


def included(m, n, hash_of_leaf, path, root):
    """Whether the path proves that leaf m of n has this hash."""
    if m >= n:
        return False
    fn, sn, r = m, n - 1, hash_of_leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node(p, r)
            while fn % 2 == 0 and fn > 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = node(r, p)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and r == root


def consistent(m, n, path, old, new):
    """Whether the path proves that the tree of m leaves with root old is the beginning of that of n leaves."""
    if m > n or m == 0:
        return False
    if m == n:
        return not path and old == new
    if not path:
        return False
    path = list(path)
    if m & (m - 1) == 0:
        path.insert(0, old)
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn // 2, sn // 2
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn % 2 == 0 and fn > 0:
                fn, sn = fn // 2, sn // 2
        else:
            sr = node(sr, c)
        fn, sn = fn // 2, sn // 2
    return sn == 0 and fr == old and sr == new
