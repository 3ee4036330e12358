package live

import (
	"net"
	"net/netip"
	"strings"
)

// AddressOf is the first IPv4 address of a network interface. The error lists
// the interfaces that have one.
func AddressOf(name string) (netip.Addr, error) {
	all, err := net.Interfaces()
	if err != nil {
		return netip.Addr{}, &Failure{Failed, err}
	}
	var there []string
	exists := false
	for _, i := range all {
		ip, ok := ipv4Of(i)
		if i.Name == name {
			if exists = true; ok {
				return ip, nil
			}
		}
		if ok {
			there = append(there, i.Name+" ("+ip.String()+")")
		}
	}
	what := "no interface " + name
	if exists {
		what = "interface " + name + " has no IPv4 address"
	}
	if len(there) == 0 {
		return netip.Addr{}, Bad("-I: %s; none has one here", what)
	}
	return netip.Addr{}, Bad("-I: %s; there are: %s", what, strings.Join(there, ", "))
}

func ipv4Of(i net.Interface) (netip.Addr, bool) {
	addresses, err := i.Addrs()
	if err != nil {
		return netip.Addr{}, false
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok && ip.Unmap().Is4() {
				return ip.Unmap(), true
			}
		}
	}
	return netip.Addr{}, false
}
