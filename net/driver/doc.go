// Package driver drives one peer of package node on a wall clock and a UDP
// socket: it turns datagrams into messages and messages into datagrams, keeps
// the payload of chunks, knows addresses by handles, and measures.
//
//	conn, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:5555"))
//	d, err := driver.New(conn, driver.Config{
//		Local: conn.AddrPort(), Peer: driver.Dumbstreamer(), Contacts: contacts,
//		Output: media.NewWriter(os.Stdout),
//	})
//	err = d.Run(ctx)
//
// # Who does what
//
// The goroutine that calls Run owns the peer, the address book, the chunk store
// and the counters, and does everything one after another: it waits for a
// datagram until the next tick is due. Nothing is locked; in the steady state
// nothing is allocated. Time is the monotonic clock since Run began. Datagrams that have
// arrived together are read with one system call, and those that a wait has not
// separated are sent with one (mail.go).
//
// # What a stranger can do
//
// Every datagram is parsed strictly; what is refused changes nothing but a
// counter. Replies go to the UDP source of a query, and to no address that
// stands in a datagram. Memory is bounded: the address book by its size, the
// store by buffer and window of the peer, a view by the peer's. Ids that cannot
// belong to the stream move nothing (node.Config.Ahead).
// With stripes, nobody is served who has not shown that it receives what is sent to its
// address (proof.go).
//
// # Stripes
//
// A peer whose scheduler is node.Stripes (see Stripes) speaks four kinds of datagram more
// (package wire), and only with those whose views say that they read them. What comes from
// others is counted (Traffic.Foreign), and warned of once; plain chunks are not taken in.
// The period is the source's alone to know. A source whose input has ended goes on serving
// for two seconds. The scheduler Offer, and Maps, are not spoken here.
//
// # Ticks
//
// Tick k is due at T0 + k·period. A tick that is at most MakeUp late is made up
// for, in order; one that is later is left out, and counted.
//
// # Metrics
//
// They are those of package node/measure. A real peer does not know when a chunk
// was born: its delay is lateness, arrival − id·period less the smallest such
// value seen, so the delay of the fastest chunk is not in it.
package driver
