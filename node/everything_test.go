//go:build !ci

package node_test

// everything says whether the cases that take longest are due, too: under the
// build tag ci.
const everything = false
