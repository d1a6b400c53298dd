package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"onecard/activities"
	"onecard/card"
	"onecard/cmd/onecard/internal/config"
	"onecard/connectors/exchange"
	"onecard/connectors/postgres"
)

// timetable wires the check of the timetable to the ledger, the partners' outboxes and what was agreed with them.
func (h *hub) timetable(x *exchange.Exchange) *activities.Timetable {
	t := &activities.Timetable{Ledger: h.ledger, Outboxes: x, Calendar: h.calendar, Now: time.Now}
	for _, p := range h.cfg.Partners {
		if p.SilentAfter > 0 {
			t.Watched = append(t.Watched, activities.Watch{Partner: p.Name, SilentAfter: p.SilentAfter})
		}
		for _, e := range p.Expect {
			if s, err := e.Schedule(h.calendar); err == nil { // the configuration has been validated
				t.Expected = append(t.Expected, activities.Expected{Partner: p.Name, Kind: card.FileKind(e.Kind), Schedule: s, Grace: e.Grace})
			}
		}
	}
	return t
}

func timetableCommand(s *settings) *cobra.Command {
	var date string
	cmd := &cobra.Command{
		Use:   "timetable [NAME]",
		Short: "Tell what is expected of partners and by when, what came, what is missed, and whom to call (时间表)",
		Long: `Tell what is expected of partners and by when, what came, what is missed or overdue and since when, and whom to call.
Without --date it shows the last seven days and what is next. What is expected stands in the configuration: [[partner.expect]].

显示各合作单位应报送的文件、截止时间、到件情况、缺件与超期告警及联系人。`,
		Example: `  onecard partner timetable
  onecard partner timetable OUTLET --date 2026-11-20
  onecard partner timetable ICBC -o json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.MaximumNArgs(1)(cmd, args); err != nil {
				return fmt.Errorf("%w: %w", errUse, err)
			}
			return nil
		},
		RunE: s.withHub(func(cmd *cobra.Command, args []string, h *hub) error {
			at := time.Now()
			days, err := timetableDays(date, at)
			if err != nil {
				return err
			}
			v, err := h.viewTimetable(cmd.Context(), at, days, args)
			if err != nil {
				return err
			}
			if s.json() {
				return writeJSON(cmd.OutOrStdout(), v)
			}
			return printTimetable(cmd.OutOrStdout(), v)
		}),
	}
	cmd.Flags().StringVar(&date, "date", "", "business date YYYYMMDD or YYYY-MM-DD (业务日期)")
	formatFlag(cmd, s)
	return cmd
}

// timetableDays is the first and the last day to show: one that was asked for, or the last week and what is planned.
func timetableDays(date string, at time.Time) ([2]card.Day, error) {
	if date == "" {
		today := card.DayOf(at)
		return [2]card.Day{today.Plus(-6), today.Plus(400)}, nil
	}
	d, err := card.ParseDay(date)
	if err != nil {
		return [2]card.Day{}, fmt.Errorf("%w: --date: %w", errUse, err)
	}
	return [2]card.Day{d, d}, nil
}

// timetableView is what `partner timetable -o json` prints.
type timetableView struct {
	AsOf         time.Time          `json:"as_of"`
	UnknownYears []int              `json:"unknown_years"` // for which the next cut-offs go by the weekends alone
	Partners     []partnerTimetable `json:"partners"`
}

type partnerTimetable struct {
	Partner     string                 `json:"partner"`
	Kind        config.Kind            `json:"kind,omitempty"` // empty: it is not configured any more
	Contact     string                 `json:"contact,omitempty"`
	Expected    []expectedView         `json:"expected"`
	Files       []postgres.PromiseView `json:"files"`
	Awaited     []postgres.Waiting     `json:"awaited"`
	Alerts      []postgres.AlertView   `json:"alerts"`
	SilentAfter string                 `json:"silent_after,omitempty"` // of working time
	SilentFrom  *time.Time             `json:"silent_from,omitempty"`  // when its silence is raised unless something is heard
	postgres.Heard
}

// expectedView is what was agreed, and the next cut-off by it.
type expectedView struct {
	Kind         string    `json:"kind"`
	Days         string    `json:"days"`
	CutOff       string    `json:"cut_off"`
	Grace        string    `json:"grace"`
	NextDay      card.Day  `json:"next_date"`
	NextCutOff   time.Time `json:"next_cut_off"`
	NextDeadline time.Time `json:"next_deadline"`
}

// viewTimetable puts together what was agreed and what happened, of the named partners or of all.
func (h *hub) viewTimetable(ctx context.Context, at time.Time, days [2]card.Day, names []string) (timetableView, error) {
	v := timetableView{AsOf: at.UTC().Truncate(time.Millisecond), UnknownYears: []int{}, Partners: []partnerTimetable{}}
	known, err := h.ledger.Timetable(ctx, days[0], days[1], at)
	if err != nil {
		return v, err
	}
	for _, p := range h.timetablePartners(known) {
		if len(names) > 0 && !slices.Contains(names, p.Name) {
			continue
		}
		entry := viewPartner(p, known)
		h.predict(&entry, p, at, &v)
		v.Partners = append(v.Partners, entry)
	}
	if len(names) > 0 && len(v.Partners) == 0 {
		return v, card.E(card.NotFound, "find the partner "+names[0], card.ReasonPartnerUnknown, nil)
	}
	return v, nil
}

// timetablePartners is the configured partners, and those about whom the ledger still has an alert.
func (h *hub) timetablePartners(known postgres.Timetable) []config.Partner {
	partners := slices.Clone(h.cfg.Partners)
	for _, a := range known.Alerts {
		if !slices.ContainsFunc(partners, func(p config.Partner) bool { return p.Name == a.Partner }) {
			partners = append(partners, config.Partner{Name: a.Partner})
		}
	}
	return partners
}

func viewPartner(p config.Partner, known postgres.Timetable) partnerTimetable {
	v := partnerTimetable{Partner: p.Name, Kind: p.Kind, Contact: p.Contact, Expected: []expectedView{},
		Files: []postgres.PromiseView{}, Awaited: []postgres.Waiting{}, Alerts: []postgres.AlertView{}}
	for _, f := range known.Promises {
		if f.Partner == p.Name {
			v.Files = append(v.Files, f)
		}
	}
	for _, w := range known.Awaited {
		if w.For == p.Name {
			v.Awaited = append(v.Awaited, w)
		}
	}
	for _, a := range known.Alerts {
		if a.Partner == p.Name {
			v.Alerts = append(v.Alerts, a)
		}
	}
	v.Heard = known.Heard[p.Name]
	return v
}

// predict adds by when the partner is next expected, and when its silence will be too long.
func (h *hub) predict(v *partnerTimetable, p config.Partner, at time.Time, all *timetableView) {
	for _, e := range p.Expect {
		s, err := e.Schedule(h.calendar)
		if err != nil {
			continue // the configuration has been validated
		}
		day, due := s.NextCutOff(at)
		if !s.Known(day) && !slices.Contains(all.UnknownYears, day.Year()) {
			all.UnknownYears = append(all.UnknownYears, day.Year())
		}
		v.Expected = append(v.Expected, expectedView{e.Kind, e.Days, e.CutOff, e.Grace.String(), day, due.UTC(), due.Add(e.Grace).UTC()})
	}
	if since := v.last(); p.SilentAfter > 0 && since != nil {
		from := h.calendar.After(*since, p.SilentAfter).UTC()
		v.SilentAfter, v.SilentFrom = p.SilentAfter.String(), &from
	}
}

// last is when something was last heard of the partner, or when its watch began; nil before that.
func (v *partnerTimetable) last() *time.Time {
	var last *time.Time
	for _, t := range []*time.Time{v.WatchedSince, v.LastFile, v.LastConnection} {
		if t != nil && (last == nil || t.After(*last)) {
			last = t
		}
	}
	return last
}
