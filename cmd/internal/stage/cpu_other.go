//go:build !unix

package stage

import "time"

// processorTime is not known here.
func processorTime() time.Duration { return 0 }
