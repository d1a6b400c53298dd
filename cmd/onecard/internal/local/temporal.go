package local

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// frontend is the service whose health stands for the server's.
const frontend = "temporal.api.workflowservice.v1.WorkflowService"

// startTemporal builds, prepares and runs a private Temporal server, unless one was given by address.
func (s *Stack) startTemporal(ctx context.Context) error {
	if s.options.TemporalAddress != "" {
		return nil
	}
	programs, err := s.programs(ctx)
	if err != nil {
		return err
	}
	if err := s.prepareSchemas(ctx, programs.SQLTool); err != nil {
		return err
	}
	env, err := s.temporalEnv(programs)
	if err != nil {
		return err
	}
	port, err := s.ports.get("temporal-frontend")
	if err != nil {
		return err
	}
	p := Program{
		Name:  "temporal",
		Argv:  []string{programs.Server, "--config-file", programs.config("server.yaml"), "--allow-no-auth", "start"},
		Env:   env,
		Ready: func(ctx context.Context) error { return serving(ctx, address(port)) },
	}
	if err := s.keepProgram(ctx, p); err != nil {
		return err
	}
	s.change(func(st *State) { st.TemporalAddress = address(port) })
	return nil
}

// programs builds the upstream programs, or finds them built.
func (s *Stack) programs(ctx context.Context) (Programs, error) {
	repo := s.options.Repo
	if repo == "" {
		found, err := FindRepo()
		if err != nil {
			return Programs{}, err
		}
		repo = found
	}
	return Build(ctx, repo, s.options.Log)
}

// temporalEnv is what deploy/temporal/config/server.yaml asks for, and little else: variables of the caller's must not
// steer the server.
func (s *Stack) temporalEnv(p Programs) ([]string, error) {
	u, err := url.Parse(s.postgresURL("temporal"))
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	password, _ := u.User.Password()
	env := append(plainEnvironment(),
		"ONECARD_POSTGRES_ADDRESS="+u.Host, "ONECARD_POSTGRES_USER="+u.User.Username(), "ONECARD_POSTGRES_PASSWORD="+password,
		"ONECARD_TEMPORAL_DYNAMIC_CONFIG="+p.config("dynamic.yaml"))
	for _, service := range []string{"frontend", "history", "matching", "worker"} {
		for _, listener := range []string{service, service + "-membership"} {
			port, err := s.ports.get("temporal-" + listener)
			if err != nil {
				return nil, err
			}
			variable := strings.ToUpper(strings.ReplaceAll(listener, "-", "_"))
			env = append(env, "ONECARD_TEMPORAL_"+variable+"_PORT="+strconv.Itoa(port))
		}
	}
	return env, nil
}

// plainEnvironment is what the upstream programs get to see of ours.
func plainEnvironment() []string {
	return []string{"PATH=/usr/bin:/bin", "TZ=UTC", "HOME=" + os.TempDir()}
}

func (p Programs) config(name string) string { return filepath.Join(p.Config, name) }

// dial prepares a connection to a Temporal frontend.
func dial(target string) (*grpc.ClientConn, error) {
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("reach Temporal: %w", err)
	}
	return conn, nil
}

// serving returns nil when the Temporal frontend at target takes calls.
func serving(ctx context.Context, target string) error {
	conn, err := dial(target)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is lost with the connection
	answer, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: frontend})
	if err != nil {
		return fmt.Errorf("ask Temporal for its health: %w", err)
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return errors.New("ask Temporal for its health: it is not serving yet")
	}
	return nil
}
