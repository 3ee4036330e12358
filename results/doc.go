// Package results makes numbers that can be trusted of runs: one value per
// seed and metric, the mean over seeds with its confidence, and the table that
// shows them. The store of finished runs, the gate that judges them, and the
// pictures find their place here. It runs nothing itself.
//
// Chunks and peers of one run depend on each other, so a run counts as one
// observation, however large it is: confidence is over seeds, never within.
package results
