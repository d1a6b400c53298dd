package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"onecard/worker"
)

func workerCommand(s *settings) *cobra.Command {
	var profile string
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Run the processes: take work from Temporal until told to stop",
		Long: `Run the processes: take work from Temporal until told to stop. The folder partners.d beside the settings is looked at every two
seconds: when a partner is added or changed there, the worker begins again with it by itself, as after a restart; with a fault in
there it goes on as it was. Other settings take a restart.

合作单位登记或变动后，worker 数秒内自行重新开始并生效；有误的内容不会生效。其他设置变动须重启。`,
		Example: "  onecard worker --config /etc/onecard/onecard.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stop, err := profileTo(profile, "worker.prof")
			if err != nil {
				return err
			}
			anew, err := runWorker(cmd.Context(), s, slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)))
			if err := errors.Join(err, stop()); err != nil || !anew {
				return err
			}
			return beginAgain()
		},
	}
	cmd.Flags().StringVar(&profile, "profile", "", "folder for a CPU profile, written at the end")
	return cmd
}

// runWorker works until ctx ends, or there are other partners, with which it is to begin anew.
func runWorker(ctx context.Context, s *settings, log *slog.Logger) (anew bool, err error) {
	seen := addedStamp(s.configFile()) // before they are read: a change in between is then found
	h, err := openHub(ctx, s)
	if err != nil {
		return false, err
	}
	defer h.close()
	x, err := h.exchange()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	c, err := h.temporal(ctx)
	if err != nil {
		return false, err
	}
	defer c.Close()
	if err := worker.StartTimetable(ctx, c); err != nil {
		return false, err
	}
	if err := worker.StartFileWatch(ctx, c, h.partnerNames()); err != nil {
		return false, err
	}
	if err := h.scheduleMatch(ctx, c); err != nil {
		return false, err
	}
	w := worker.New(c, h.activities(x), worker.Options{Activities: h.cfg.Issuance.Activities})
	return workUntil(ctx, w.Run, func(ctx context.Context) bool { return s.partnersChange(ctx, seen, log) })
}

// workUntil runs work until ctx ends or changed returns; it tells whether there was a change.
func workUntil(ctx context.Context, work func(<-chan any) error, changed func(context.Context) bool) (bool, error) {
	ctx, end := context.WithCancel(ctx)
	told := make(chan bool, 1)
	go func() {
		told <- changed(ctx)
		end()
	}()
	err := work(interrupted(ctx))
	end()
	return <-told, err
}

// interrupted tells the worker to stop when ctx ends.
func interrupted(ctx context.Context) <-chan any {
	stop := make(chan any)
	context.AfterFunc(ctx, func() { close(stop) })
	return stop
}

// partnersChange waits until the partners that were added are others than were seen, and can be worked with; false when ctx ends.
func (s *settings) partnersChange(ctx context.Context, seen stamp, log *slog.Logger) bool {
	look := time.NewTicker(configLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
		}
		now := addedStamp(s.configFile())
		if now == seen {
			continue
		}
		seen = now
		if err := s.usable(ctx); err != nil {
			log.Error("the changed partners are not taken up", "error", err)
			continue
		}
		log.Info("partners have changed: the worker begins again")
		return true
	}
}

// usable tries what the worker begins with.
func (s *settings) usable(ctx context.Context) error {
	h, err := openHub(ctx, s)
	if err != nil {
		return err
	}
	defer h.close()
	x, err := h.exchange()
	if err != nil {
		return err
	}
	return x.Close()
}

// beginAgain puts the program anew in the place of this one, with the same number and command line. That leaves nothing of the
// work that was under way in this one, which Temporal has done again.
func beginAgain() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	if err := syscall.Exec(self, os.Args, os.Environ()); err != nil { //nolint:gosec // this very program
		return fmt.Errorf("begin again: %w", err)
	}
	return nil
}
