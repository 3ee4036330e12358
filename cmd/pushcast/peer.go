package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"pushcast/cmd/internal/live"
	"pushcast/node"
)

// peerFlags are the flags of pushcast peer.
type peerFlags struct {
	iface    string
	port     int
	inet6    bool
	join     []string
	period   time.Duration
	copies   int
	input    string
	format   string
	pace     string
	size     int
	loop     bool
	rate     string
	buffer   int
	window   int
	policy   string
	push     string
	upload   string
	gossip   time.Duration
	fec      string
	hood     neighbourFlags
	output   string
	received bool
	link     string
	http     string
	pprof    bool
	seed     uint64
	level    string
	logs     string
}

// envPrefix begins the environment variables that stand for flags.
const envPrefix = "PUSHCAST_"

func peerCommand() *cobra.Command {
	var f peerFlags
	c := &cobra.Command{
		Use:   "peer",
		Short: "A real peer, or the source, on a UDP socket",
		Long: `Peer joins a swarm and puts the stream out, or is the source of one. It is the
peer of the simulator on a UDP socket.

Peers push along stripes: each chunk goes down one of twenty trees, which they
build and mend among themselves; what is missing is asked for. --push random and
its like push blindly, at --rate, and mix with dumbstreamer; stripes do not. All
of a swarm push along stripes, or none does, the source included; who meets one
of the other kind says so.

Without --join it is the source, and streams --input: generated text, a file or
standard input. MPEG-4 and H.264 elementary streams go a frame a chunk every
--period, MPEG transport streams six packets a chunk by their own clock.

With --join it is a peer, and puts the stream out at --output, from the first key
frame on. It asks until it is answered, and drops neighbours that are dead.

With --http it serves /stream to any number of players, a live page at /,
/metrics for Prometheus, and /healthz.

Every flag can also be an environment variable: PUSHCAST_PORT for --port,
PUSHCAST_AS_RECEIVED for --as-received. Flags have precedence.

Exit codes: 0 the end, 1 the machine failed, 2 a flag or the film is wrong.`,
		Example: `  pushcast peer --interface lo --input test.m4v --period 40ms
  pushcast peer --interface lo --port 5555 --join 127.0.0.1:6666 | ffplay -
  pushcast peer --interface lo --port 5556 --join localhost:6666 --http :8080
  ffmpeg -i /dev/video0 -f mpegts - | pushcast peer --input -
  pushcast peer --join host:6666 --link loss=2%,latency=50ms,jitter=20ms > film.ts`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd.Flags()); err != nil {
				return &failure{exitWrong, err}
			}
			return runPeer(cmd, &f)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.iface, "interface", "I", "", "network `interface` whose address is used (default: the first\nthat is up, not loopback)")
	flags.IntVarP(&f.port, "port", "P", 6666, "UDP port; 0 takes any free one")
	flags.BoolVar(&f.inet6, "inet6", false, "IPv6, in an overlay of its own")
	flags.StringSliceVarP(&f.join, "join", "j", nil, "join through the peer at `host:port`; several with commas, or\nby repeating it")
	flags.StringVarP(&f.input, "input", "f", live.TextInput, "source: what to stream, text, a `FILE`, or - for standard input")
	flags.StringVar(&f.format, "format", "auto", "source: `what` the input is: auto, m4v, h264, ts or raw")
	flags.StringVar(&f.pace, "pace", "auto", "source: `when` chunks are sent: auto, period, own (a transport\nstream's clock) or arrival (as soon as read)")
	flags.IntVar(&f.size, "size", 1128, "source: bytes of a raw chunk")
	flags.BoolVar(&f.loop, "loop", false, "source: begin the file anew at its end")
	flags.DurationVarP(&f.period, "period", "t", 40*time.Millisecond, "source: from one chunk to the next; peer, not with stripes: the\nsame, for delays (reckoned if not given)")
	flags.StringVar(&f.push, "push", node.Stripes.Name(), "`what` is pushed to whom: "+strings.Join(schedulers(), ", "))
	flags.StringVar(&f.upload, "upload", "", "stripes, or --rate adaptive: what the own link sends, as 5Mbit:\nsending is paced by it, and so much is promised (default: what\n--link says; stripes: or none, as much as eight peers need)")
	flags.IntVar(&f.copies, "copies", 3, "source, not with stripes: how often each new chunk is sent")
	flags.StringVarP(&f.rate, "rate", "c", "100", "peer, not with stripes: `chunks` pushed a second; adaptive: as\nmany as --upload carries, of a stream of that --period")
	flags.IntVarP(&f.buffer, "buffer", "b", 0, "chunks kept for pushing (default 512; without stripes 64, peer)")
	flags.IntVar(&f.window, "window", 0, "peer: chunks that the output waits for a missing one (default\n512, at most 5 s; without stripes 64)")
	flags.StringVar(&f.policy, "policy", "top", "peer, not with stripes: which `chunks` are kept: top, top-dup,\nfifo or window")
	flags.StringVar(&f.fec, "fec", "none", "repair chunks, from which lost ones are computed: 20+2 adds 2 to\nevery 20; the source and all peers must be told the same")
	flags.DurationVar(&f.gossip, "gossip", 2*time.Second, "from one exchange of views to the next")
	f.hood.add(flags)
	flags.StringVarP(&f.output, "output", "o", "-", "peer: where the stream goes: - for standard output, none, a\n`FILE`, or udp://host:port (default with --http: none)")
	flags.BoolVar(&f.received, "as-received", false, "peer: put out everything, not from a key frame on")
	flags.StringVar(&f.link, "link", "", "`what` happens to all that is sent: loss=2%,latency=50ms,jitter=20ms")
	flags.StringVar(&f.http, "http", "", "serve players, a live page and metrics at `address:port`")
	flags.BoolVar(&f.pprof, "pprof", false, "also /debug/pprof, at loopback addresses only; needs --http")
	flags.Uint64Var(&f.seed, "seed", 0, "root of all random numbers (drawn if not given)")
	flags.StringVar(&f.level, "log-level", "info", "`level`: debug, info, warn or error")
	flags.StringVar(&f.logs, "log-format", "text", "`format`: text or json")
	complete(c, map[string][]string{
		"format": {"auto", "m4v", "h264", "ts", "raw"}, "pace": {"auto", "period", "own", "arrival"},
		"policy": policyNames(), "rate": {adaptiveRate}, "push": schedulers(), "choose": choices,
		"log-level": {"debug", "info", "warn", "error"}, "log-format": {"text", "json"},
	})
	return c
}

// complete offers the values of flags to the shell.
func complete(c *cobra.Command, values map[string][]string) {
	for flag, words := range values {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
}

// fromEnvironment sets the flags that were not given and have a variable.
func fromEnvironment(flags *pflag.FlagSet) (err error) {
	flags.VisitAll(func(f *pflag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, there := os.LookupEnv(name)
		if !there || f.Changed || err != nil || f.Name == "help" {
			return
		}
		if set := flags.Set(f.Name, value); set != nil {
			err = fmt.Errorf("%s=%q: %s", name, value, oneLine(set))
		}
	})
	return err
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// schedulers are those that a real peer can have: stripes, and those that ask nothing
// about neighbours.
func schedulers() (names []string) {
	names = append(names, node.Stripes.Name())
	for _, s := range node.Schedulers() {
		if node.IsBlind(s) {
			names = append(names, s.Name())
		}
	}
	return names
}

// policies are the buffer disciplines by the names that scenarios have for them.
var policies = []struct {
	name   string
	policy node.Policy
}{{"top", node.Top}, {"top-dup", node.TopDup}, {"fifo", node.FIFO}, {"window", node.Window}}

func policyNames() (names []string) {
	for _, p := range policies {
		names = append(names, p.name)
	}
	return names
}

// runPeer runs a peer till the command's context ends.
func runPeer(cmd *cobra.Command, f *peerFlags) error {
	s, err := f.settings(cmd.Context(), cmd.Flags())
	if err == nil {
		err = live.Run(cmd.Context(), s, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return err
}
