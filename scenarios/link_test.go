package scenarios

import (
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/link"
)

func TestParseLink(t *testing.T) {
	ms := node.Millisecond
	for text, want := range map[string]link.Config{
		"loss=2%":                          {Loss: 0.02},
		"loss=2%,latency=50ms,jitter=20ms": {Loss: 0.02, Latency: link.Span{Min: 50 * ms, Max: 50 * ms}, Jitter: 20 * ms},
		"latency=10ms..100ms, loss=0%":     {Latency: link.Span{Min: 10 * ms, Max: 100 * ms}},
		"jitter=1s":                        {Jitter: node.Second},
		"loss=100%,loss=5%":                {Loss: 0.05},
		" loss=2% , latency=50ms":          {Loss: 0.02, Latency: link.Span{Min: 50 * ms, Max: 50 * ms}},
	} {
		if got, err := ParseLink(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":               "want loss=2%,latency=50ms",
		"loss":           "want loss=2%",
		"loss=":          "want loss=2%",
		"lost=2%":        `"lost" is no property of a link: use loss, latency, jitter`,
		"loss=2":         "is wrong",
		"latency=50":     "a time needs its unit",
		"loss=200%":      "is wrong",
		"peers=5":        "is no property",
		"latency=2h":     "more than an hour",
		"loss=1%,,":      "want loss=2%",
		"swarm.peers=20": "is no property",
	} {
		if _, err := ParseLink(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
