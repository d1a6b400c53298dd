package local

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	// retention is how long the history of a finished process is kept; the ledger keeps what must last.
	retention       = 90 * 24 * time.Hour
	namespaceWithin = 2 * time.Minute
	namespacePoll   = 100 * time.Millisecond
)

// SearchAttributes are the business keys by which workflows are found in the Temporal Web UI, all of type Keyword.
func SearchAttributes() []string {
	return []string{"OnecardRollout", "OnecardCity", "OnecardBank", "OnecardPartner"}
}

// prepareNamespace registers the namespace and its search attributes where they are missing, and waits until workflows can
// be started and found.
func (s *Stack) prepareNamespace(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, namespaceWithin)
	defer cancel()
	conn, err := dial(s.State().TemporalAddress)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is lost with the connection
	n := namespace{name: s.options.Namespace, workflows: workflowservice.NewWorkflowServiceClient(conn), conn: conn}
	for _, step := range []func(context.Context) error{n.register, n.addSearchAttributes, n.usable} {
		if err := until(ctx, step); err != nil {
			return fmt.Errorf("prepare the Temporal namespace %s: %w", n.name, err)
		}
	}
	return nil
}

// RemoveNamespace has the Temporal at address delete a namespace with everything that runs in it; one that is not there is well.
func RemoveNamespace(ctx context.Context, address, name string) error {
	conn, err := dial(address)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is lost with the connection
	_, err = operatorservice.NewOperatorServiceClient(conn).DeleteNamespace(ctx, &operatorservice.DeleteNamespaceRequest{Namespace: name})
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("delete the Temporal namespace %s: %w", name, plain(err))
	}
	return nil
}

type namespace struct {
	name      string
	workflows workflowservice.WorkflowServiceClient
	conn      *grpc.ClientConn
}

func (n namespace) register(ctx context.Context) error {
	_, err := n.workflows.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: n.name})
	if err == nil || !isNotFound(err) {
		return plain(err)
	}
	_, err = n.workflows.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: n.name, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
		Description: "Onecard: the social-security-card hub",
	})
	return plain(err)
}

func (n namespace) addSearchAttributes(ctx context.Context) error {
	operator := operatorservice.NewOperatorServiceClient(n.conn)
	have, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: n.name})
	if err != nil {
		return plain(err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for _, name := range SearchAttributes() {
		if _, ok := have.GetCustomAttributes()[name]; !ok {
			missing[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = operator.AddSearchAttributes(ctx,
		&operatorservice.AddSearchAttributesRequest{Namespace: n.name, SearchAttributes: missing})
	return plain(err)
}

// usable asks a question that names every search attribute: it is answered once the server's caches know them all.
func (n namespace) usable(ctx context.Context) error {
	query := strings.Join(SearchAttributes(), " = 'none' OR ") + " = 'none'"
	_, err := n.workflows.CountWorkflowExecutions(ctx,
		&workflowservice.CountWorkflowExecutionsRequest{Namespace: n.name, Query: query})
	return plain(err)
}

// until repeats a step while the server is still making up its mind.
func until(ctx context.Context, step func(context.Context) error) error {
	for {
		err := step(ctx)
		if err == nil || isFinal(err) {
			return err
		}
		if !sleep(ctx, namespacePoll) {
			return err
		}
	}
}

// plain turns a gRPC status into Temporal's own error types.
func plain(err error) error { return serviceerror.FromStatus(status.Convert(err)) }

func isNotFound(err error) bool {
	var missing *serviceerror.NamespaceNotFound
	return errors.As(plain(err), &missing)
}

// isFinal reports whether asking again cannot help.
func isFinal(err error) bool {
	var denied *serviceerror.PermissionDenied
	var unimplemented *serviceerror.Unimplemented
	return errors.As(err, &denied) || errors.As(err, &unimplemented)
}
