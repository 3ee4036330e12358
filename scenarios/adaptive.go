package scenarios

import "pushcast/node"

// adaptiveConflict finds what rate: adaptive may not be said with: it follows the upload
// link, and has no ticks at common instants, nor any that somebody could count.
func (s *settings) adaptiveConflict() *conflict {
	all, says := s.users()
	for i := range all[:len(all)-1] {
		v := &all[i]
		if !v.rate.adaptive || s.paced() {
			continue
		}
		path := "swarm.rate"
		if says[i]("rate") {
			path = s.pathOfClass(i, "rate")
		}
		blame := func(path, message string) *conflict { return &conflict{path: path, message: message} }
		switch {
		case v.upload == (bitrate{}):
			return blame(path, "rate: adaptive follows the upload link, and there is no limit to it; write an upload, or a rate as 4x")
		case s.slots:
			return blame(path, "a slot is the time of one push, and with rate: adaptive none is like the other; write a rate as 1x")
		case s.ticks != node.RandomPhase:
			return blame("swarm.ticks", "with rate: adaptive pushes follow each other as the upload link drains; remove ticks")
		case s.gossipCheck > 0 && s.gossips():
			return blame("swarm.gossipCheck", "gossipCheck counts ticks, and rate: adaptive has none; write 0")
		}
	}
	return nil
}

// pathOfClass is the path of a key of the i-th class of receivers.
func (s *settings) pathOfClass(i int, key string) string {
	for k := range s.classes {
		if s.receiverClass(s.classes[k].name) == i {
			return classPrefix + s.classes[k].name + "." + key
		}
	}
	return "swarm." + key
}
