package node

import (
	"strings"
	"testing"
)

// TestValidate: every bound names its field.
func TestValidate(t *testing.T) {
	good := Config{Scheduler: Random, Buffer: 8, Push: Second}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Config){
		"Role":            func(c *Config) { c.Role = 9 },
		"Policy":          func(c *Config) { c.Policy = 9 },
		"Ticks":           func(c *Config) { c.Ticks = 9 },
		"Sampler":         func(c *Config) { c.Sampler = 9 },
		"RNG":             func(c *Config) { c.RNG = 9 },
		"Copies":          func(c *Config) { c.Copies = -1 },
		"Buffer":          func(c *Config) { c.Buffer = MaxBuffer + 1 },
		"Window":          func(c *Config) { c.Window = -1 },
		"View":            func(c *Config) { c.Sampler, c.Gossip = Newscast, 1 },
		"Gossip":          func(c *Config) { c.Sampler, c.View = Newscast, 1 },
		"GossipCheck":     func(c *Config) { c.Sampler, c.View, c.Gossip, c.Push, c.GossipCheck = Newscast, 1, 1, 0, 1 },
		"MaxAge":          func(c *Config) { c.Sampler, c.View, c.Gossip, c.MaxAge = Newscast, 1, 1, -1 },
		"Retry":           func(c *Config) { c.Sampler, c.View, c.Gossip, c.Retry = Newscast, 1, 1, -1 },
		"Remember":        func(c *Config) { c.Sampler, c.View, c.Gossip, c.Remember = Newscast, 1, 1, MaxRemember+1 },
		"RecallEvery is":  func(c *Config) { c.Sampler, c.View, c.Gossip, c.Remember = Newscast, 1, 1, 1 },
		"RecallEvery":     func(c *Config) { c.Sampler, c.View, c.Gossip, c.RecallEvery = Newscast, 1, 1, 1 },
		"Shuffle":         func(c *Config) { c.Sampler, c.View, c.Gossip, c.Shuffle = Cyclon, 1, 1, 2 },
		"Shuffle is for":  func(c *Config) { c.Sampler, c.View, c.Gossip, c.Shuffle = Newscast, 1, 1, 1 },
		"AgeReplies":      func(c *Config) { c.Sampler, c.View, c.Gossip, c.Shuffle, c.AgeReplies = Cyclon, 1, 1, 1, true },
		"Scheduler":       func(c *Config) { c.Scheduler = nil },
		"Push":            func(c *Config) { c.Push = -1 },
		"Deadline":        func(c *Config) { c.Deadline = -1 },
		"Ahead":           func(c *Config) { c.Ahead, c.Window, c.Restart = -1, 8, 1 },
		"Ahead needs":     func(c *Config) { c.Ahead, c.Window = 512, 8 },
		"Restart":         func(c *Config) { c.Restart = 1 },
		"AskStrangers":    func(c *Config) { c.AskStrangers = true },
		"Deadline needs":  func(c *Config) { c.Deadline = 1 },
		"Push is 0":       func(c *Config) { c.Sampler, c.View, c.Gossip, c.Push, c.GossipCheck = Newscast, 1, 1, 0, 1 },
		"Period and Dead": func(c *Config) { c.Period = -1 },
	} {
		c := good
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: says %v", field, err)
		}
	}
}
