package node

// MeshBytes is what a peer reckons that a message of stripes takes on its link.
func MeshBytes(m *Message) int64 {
	return (&mesh{size: m.Size, stripes: int(m.Size)}).bytesOf(m.Kind)
}
