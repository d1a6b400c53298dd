package main

import (
	"onecard/activities"
	"onecard/connectors/exchange"
	"onecard/connectors/receipt"
	"onecard/worker"
)

// fileDesk judges what partners send, and answers it.
func (h *hub) fileDesk(x *exchange.Exchange) *activities.FileDesk {
	return &activities.FileDesk{Arrivals: h.ledger, Owing: h.ledger, Post: x, Sender: receipt.Client{Exchange: x, Layouts: h.layouts}}
}

// withDesk has every step that takes files take them over one desk, and sets the watch over those that no step takes.
func (h *hub) withDesk(a worker.Activities, x *exchange.Exchange) worker.Activities {
	desk := h.fileDesk(x)
	a.Bank.Desk, a.Payments.Desk = desk, desk
	if a.Civil != nil {
		a.Civil.Desk = desk
	}
	if a.Bureau != nil {
		a.Bureau.Desk = desk
	}
	if a.Outlets != nil {
		a.Outlets.Desk = desk
	}
	a.FileWatch = &activities.FileWatch{Desk: desk, Sightings: h.ledger, Sendings: h.ledger, Shelves: x, Notices: x, Payments: a.Payments, Late: a.Population}
	return a
}

// partnerNames are the partners whose files are watched.
func (h *hub) partnerNames() []string {
	var names []string
	for _, p := range h.cfg.Partners {
		names = append(names, p.Name)
	}
	return names
}
