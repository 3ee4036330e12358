package sim

import "pushcast/node/measure"

// Digest gives the distributions behind the metrics, for pictures, and delivery over time
// where Config.Series has it counted.
func (w *World) Digest() measure.Digest {
	swarm := w.swarm()
	d := swarm.Digest()
	d.Course = measure.CourseOf(w.moments(), w.cfg.Period, w.cfg.Duration)
	return d
}

// moments is the series as package measure takes it.
func (w *World) moments() []measure.Moment {
	series := w.Series()
	list := make([]measure.Moment, len(series))
	for i := range series {
		list[i] = measure.Moment(series[i])
	}
	return list
}
