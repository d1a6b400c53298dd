package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// stopwatch adds up the time of several runs, by the clock and by the processor.
type stopwatch struct{ clock, processor time.Duration }

func (s *stopwatch) time(run func() error) error {
	began, used := time.Now(), processorTime()
	err := run()
	s.clock += time.Since(began)
	s.processor += processorTime() - used
	return err
}

// processorTime is what this process has used on all cores.
func processorTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (s *stopwatch) wall(rows int) pace {
	return pace{Seconds: seconds(s.clock), RowsPerSecond: perSecond(rows, s.clock)}
}

func (s *stopwatch) pace(rows int) pace {
	p := s.wall(rows)
	p.CPUSeconds, p.RowsPerCPU = seconds(s.processor), perSecond(rows, s.processor)
	return p
}

func perSecond(rows int, d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return int(float64(rows) / d.Seconds())
}
