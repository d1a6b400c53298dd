package local

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// startUI runs the Temporal Web UI beside a private Temporal server.
func (s *Stack) startUI(ctx context.Context) error {
	if s.options.TemporalAddress != "" {
		return nil
	}
	programs, err := s.programs(ctx)
	if err != nil {
		return err
	}
	port, err := s.ports.get("temporal-ui")
	if err != nil {
		return err
	}
	st := s.State()
	site := "http://" + address(port)
	p := Program{
		Name: "temporal-ui",
		Argv: []string{programs.UI, "--root", programs.Config, "--config", ".", "--env", "ui", "start"},
		Env: append(plainEnvironment(), "ONECARD_TEMPORAL_ADDRESS="+st.TemporalAddress,
			"ONECARD_TEMPORAL_NAMESPACE="+st.Namespace, "ONECARD_TEMPORAL_UI_PORT="+strconv.Itoa(port),
			"ONECARD_CODEC_ENDPOINT=http://"+st.CodecAddress),
		Ready: func(ctx context.Context) error { return healthySite(ctx, site) },
	}
	if err := s.keepProgram(ctx, p); err != nil {
		return err
	}
	s.change(func(st *State) { st.UIAddress = site })
	return nil
}

// healthySite returns nil when the Web UI at the address serves.
func healthySite(ctx context.Context, site string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("ask %s: %w", site, err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask %s: %w", site, err)
	}
	defer answer.Body.Close() //nolint:errcheck // the status is all that we want
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("ask %s: %s", site, answer.Status)
	}
	return nil
}
