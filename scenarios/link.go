package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"pushcast/node/link"
)

// linkKeys are the keys of network that a real peer's own link has, with their values for
// a perfect one.
var linkKeys = []struct{ key, perfect string }{
	{"loss", "0%"}, {"latency", "0s"}, {"jitter", "0s"}, {"access", "0s"}, {"duplicate", "0%"}, {"reorder", "0%"},
	{"corrupt", "0%"}, {"checksum", "true"}, {"upload", "none"}, {"queue", "1s"}, {"mtu", "65535B"},
}

// ParseLink reads a link in the words of a scenario's network: "loss=2% in bursts of 4,
// latency=50ms,jitter=20ms,upload=5Mbit". What is not said is perfect. The error says
// which word is wrong, and what it may be.
func ParseLink(text string) (link.Config, error) {
	const section = "network."
	values := defaults()
	set := func(key, value string) error { return fieldNamed(section+key).set(&values, value) }
	var known []string
	for _, k := range linkKeys {
		if err := set(k.key, k.perfect); err != nil {
			return link.Config{}, err
		}
		known = append(known, k.key)
	}
	given := map[string]bool{}
	for _, word := range strings.Split(text, ",") {
		key, value, found := strings.Cut(strings.TrimSpace(word), "=")
		switch {
		case !found || value == "":
			return link.Config{}, fmt.Errorf("%s: want loss=2%%,latency=50ms,jitter=20ms, or some of it", quote(word))
		case !slices.Contains(known, key):
			return link.Config{}, fmt.Errorf("%s is no property of a link: use %s", quote(key), strings.Join(known, ", "))
		case given[key]:
			return link.Config{}, fmt.Errorf("%s stands there twice", key)
		}
		given[key] = true
		if err := set(key, value); err != nil {
			return link.Config{}, fmt.Errorf("%s is wrong: %w", quote(word), err)
		}
		if values.upload.multiple > 0 {
			return link.Config{}, fmt.Errorf("%s is wrong: a peer does not know the stream's rate; write it in bits, as upload=5Mbit", quote(word))
		}
	}
	switch {
	case given["queue"] && values.upload == (bitrate{}):
		return link.Config{}, errors.New("queue has no effect without upload")
	case given["checksum"] && values.corrupt == 0:
		return link.Config{}, errors.New("checksum has no effect without corrupt")
	}
	c := values.link()
	if c.MTU = 0; given["mtu"] {
		c.MTU = int(values.mtu)
	}
	return c, c.Validate()
}
