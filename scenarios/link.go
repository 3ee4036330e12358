package scenarios

import (
	"fmt"
	"strings"

	"pushcast/node/link"
)

// ParseLink reads a link in the words of a scenario's network: "loss=2%,
// latency=50ms,jitter=20ms". What is not said is perfect. The error says which
// word is wrong, and what it may be.
func ParseLink(text string) (link.Config, error) {
	const section = "network."
	values := defaults()
	set := func(key, value string) error { return fieldNamed(section+key).set(&values, value) }
	var known []string
	for _, perfect := range [][2]string{{"loss", "0%"}, {"latency", "0s"}, {"jitter", "0s"}} {
		if err := set(perfect[0], perfect[1]); err != nil {
			return link.Config{}, err
		}
		known = append(known, perfect[0])
	}
	for _, word := range strings.Split(text, ",") {
		key, value, found := strings.Cut(strings.TrimSpace(word), "=")
		switch f := fieldNamed(section + key); {
		case !found || value == "":
			return link.Config{}, fmt.Errorf("%s: want loss=2%%,latency=50ms,jitter=20ms, or some of it", quote(word))
		case f == nil:
			return link.Config{}, fmt.Errorf("%s is no property of a link: use %s", quote(key), strings.Join(known, ", "))
		}
		if err := set(key, value); err != nil {
			return link.Config{}, fmt.Errorf("%s is wrong: %w", quote(word), err)
		}
	}
	c := values.config(0).Link
	return c, c.Validate()
}
