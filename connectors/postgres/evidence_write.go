package postgres

import (
	"context"
	"iter"
)

// EvidenceWriter takes the entries of an evidence pack.
type EvidenceWriter interface {
	// Text writes an entry of text.
	Text(name, text string) error
	// JSON writes an entry of one JSON value.
	JSON(name string, v any) error
	// Lines writes an entry of one JSON value a line.
	Lines(name string, rows iter.Seq2[any, error]) error
}

// WriteTo writes all evidence but raw files, entry after entry, and returns the files of the rollout.
func (e *Evidence) WriteTo(ctx context.Context, w EvidenceWriter) ([]FileRecord, error) {
	files, err := e.Files(ctx)
	if err != nil {
		return nil, err
	}
	for _, write := range []func() error{
		func() error { return e.writeRollout(ctx, w) },
		func() error { return document(ctx, w, "approvals.json", e.Approvals) },
		func() error { return w.Lines("rows.jsonl", anyOf(e.Rows(ctx))) },
		func() error { return w.Lines("refusals.jsonl", anyOf(e.Refusals(ctx))) },
		func() error { return w.Lines("files.jsonl", anyOf(each(files))) },
		func() error { return document(ctx, w, "reconciliation.json", e.Reconciliation) },
		func() error { return w.Lines("exceptions.jsonl", anyOf(e.Exceptions(ctx))) },
		func() error { return w.Lines("traces.jsonl", anyOf(e.Traces(ctx))) },
		func() error { return w.Lines("follows.jsonl", anyOf(e.Follows(ctx))) },
		func() error { return document(ctx, w, "samples.json", e.Samples) },
		func() error { return w.Lines("timeline.jsonl", anyOf(e.Timeline(ctx))) },
		func() error { return w.Lines("audit.jsonl", anyOf(e.Audit(ctx))) },
	} {
		if err := write(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (e *Evidence) writeRollout(ctx context.Context, w EvidenceWriter) error {
	r, err := e.Rollout(ctx)
	if err != nil {
		return err
	}
	if err := w.JSON("rollout.json", r); err != nil {
		return err
	}
	return w.Text("rules.txt", r.Rules)
}

// document writes what read returns as one entry.
func document[T any](ctx context.Context, w EvidenceWriter, name string, read func(context.Context) (T, error)) error {
	v, err := read(ctx)
	if err != nil {
		return err
	}
	return w.JSON(name, v)
}

// anyOf streams values of whatever type.
func anyOf[T any](rows iter.Seq2[T, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for row, err := range rows {
			if !yield(row, err) {
				return
			}
		}
	}
}

func each[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}
