package scenarios

import (
	"reflect"
	"strings"
	"testing"

	"pushcast/node"
	"pushcast/node/law"
	"pushcast/node/link"
)

func TestParseLink(t *testing.T) {
	ms := node.Millisecond
	for text, want := range map[string]link.Config{
		"loss=2%":                           {Loss: link.Loss{Rate: 0.02}},
		"loss=2%,latency=50ms,jitter=20ms":  {Loss: link.Loss{Rate: 0.02}, Latency: link.Span{Min: 50 * ms, Max: 50 * ms}, Jitter: law.Law{Kind: law.Uniform, Max: 20 * ms}},
		"latency=10ms..100ms, loss=0%":      {Latency: link.Span{Min: 10 * ms, Max: 100 * ms}},
		"jitter=1s":                         {Jitter: law.Law{Kind: law.Uniform, Max: node.Second}},
		"loss=2% in bursts of 4":            {Loss: link.Loss{Rate: 0.02, Burst: 4}},
		"upload=5Mbit,queue=64kB,mtu=1500B": {Upload: 5_000_000, Queue: link.Queue{Bytes: 64000}, MTU: 1500},
		"upload=1Mbit":                      {Upload: 1_000_000, Queue: link.Queue{Time: node.Second}},
		"duplicate=1%,reorder=2% by 30ms":   {Duplicate: 0.01, Reorder: 0.02, ReorderBy: 30 * ms},
		"corrupt=1%,checksum=false":         {Corrupt: 0.01, NoChecksum: true},
		"jitter=pareto mean 20ms shape 3":   {Jitter: law.Law{Kind: law.Pareto, Mean: 20 * ms, Shape: 3}},
		" loss=2% , latency=50ms":           {Loss: link.Loss{Rate: 0.02}, Latency: link.Span{Min: 50 * ms, Max: 50 * ms}},
	} {
		if got, err := ParseLink(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                        "want loss=2%,latency=50ms",
		"loss":                    "want loss=2%",
		"loss=":                   "want loss=2%",
		"lost=2%":                 `"lost" is no property of a link: use loss, latency, jitter, access, duplicate, reorder, corrupt, checksum, upload, queue, mtu`,
		"loss=2":                  "is wrong",
		"latency=50":              "a time needs its unit",
		"loss=200%":               "is wrong",
		"peers=5":                 "is no property",
		"latency=2h":              "more than an hour",
		"loss=1%,,":               "want loss=2%",
		"loss=1%,loss=5%":         "loss stands there twice",
		"queue=1s":                "queue has no effect without upload",
		"checksum=false":          "checksum has no effect without corrupt",
		"upload=2x":               "does not know the stream's rate",
		"download=1Mbit":          "is no property",
		"loss=70% in bursts of 2": "at most 66.",
		"jitter=normal":           "want it as normal mean 300s sd 60s",
		"swarm.peers=20":          "is no property",
	} {
		if _, err := ParseLink(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
