package live

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// AddressOf is the first address of a network interface, IPv4 or IPv6; of the
// latter none that needs a zone. The error lists the interfaces that have one.
func AddressOf(name string, six bool) (netip.Addr, error) {
	all, err := net.Interfaces()
	if err != nil {
		return netip.Addr{}, &Failure{Failed, err}
	}
	var there []string
	exists := false
	for _, i := range all {
		ip, ok := addressOf(i, six)
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
		what = "interface " + name + " has no " + family(six) + " address"
	}
	if len(there) == 0 {
		return netip.Addr{}, Bad("-I: %s; none has one here", what)
	}
	return netip.Addr{}, Bad("-I: %s; there are: %s", what, strings.Join(there, ", "))
}

// AnyAddress is the first address of an interface that is up and no loopback; of
// loopback if there is no other.
func AnyAddress(six bool) (netip.Addr, error) {
	all, err := net.Interfaces()
	if err != nil {
		return netip.Addr{}, &Failure{Failed, err}
	}
	var loopback netip.Addr
	for _, i := range all {
		ip, ok := addressOf(i, six)
		switch {
		case !ok || i.Flags&net.FlagUp == 0:
		case i.Flags&net.FlagLoopback == 0:
			return ip, nil
		default:
			loopback = ip
		}
	}
	if !loopback.IsValid() {
		return netip.Addr{}, &Failure{Failed, fmt.Errorf("no interface has an %s address", family(six))}
	}
	return loopback, nil
}

func family(six bool) string {
	if six {
		return "IPv6"
	}
	return "IPv4"
}

func addressOf(i net.Interface, six bool) (netip.Addr, bool) {
	addresses, err := i.Addrs()
	if err != nil {
		return netip.Addr{}, false
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			ip, ok := netip.AddrFromSlice(n.IP)
			if ip = ip.Unmap(); ok && ip.Is6() == six && !ip.IsLinkLocalUnicast() {
				return ip, true
			}
		}
	}
	return netip.Addr{}, false
}
