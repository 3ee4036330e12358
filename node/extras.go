package node

// extras are what only some peers have; what others have none of is nil. They stand apart
// so that a peer without them is small, and Init alone sets them.
type extras struct {
	mesh    *mesh       // Stripes only
	circle  *circle     // Offer, and knowledge by maps, only
	views   *membership // Newscast and Cyclon only
	guard   *guard      // Ahead only
	libc    *glibc      // the generator Original only
	ticks   *Rand       // Poisson ticks only
	decoder *decoder    // FEC only, not of a Source
	pace    *pace       // Adaptive only, not of a Source
}

// noExtras are those of all peers that have none. Nobody writes to it.
var noExtras extras

// hasExtras tells whether peers of this configuration have extras.
func (c *Config) hasExtras() bool {
	return c.Sampler.gossips() || c.Ahead > 0 || c.RNG == Original || c.Scheduler == Stripes || c.hasCircle() ||
		c.FEC.Repair > 0 || c.Adaptive || c.Ticks == Poisson
}
