package drill_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"onecard/connectors/postgres/cluster"
)

// found names the shapes of canary people that lie in text.
func found(text []byte, wanted []trace) map[string]bool {
	shapes := map[string]bool{}
	for _, w := range wanted {
		if bytes.Contains(text, w.bytes) {
			shapes[w.shape] = true
		}
	}
	return shapes
}

// foundIn searches every file below the folder, but for the folders that are left out, and names each that knows a canary.
func foundIn(t testing.TB, folder string, leaveOut ...string) (files []string) {
	t.Helper()
	wanted := traces(t)
	require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, out := range leaveOut {
			if path == filepath.Join(folder, out) {
				return filepath.SkipDir
			}
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && len(found(text, wanted)) > 0 {
			files = append(files, path)
		}
		return err
	}))
	return files
}

// dump is what pg_dump writes of a database.
func dump(t testing.TB, database string) []byte {
	t.Helper()
	program, err := cluster.Binary("pg_dump")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), program, "--dbname", database)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	text, err := cmd.Output()
	require.NoError(t, err, errs.String())
	return text
}

// dumps are the dumps of all databases on the server of the given one.
func dumps(t testing.TB, database string) map[string][]byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	rows, err := conn.Query(t.Context(), "select datname from pg_database where datallowconn and datname <> 'template1'")
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, name := range names {
		u := *conn.Config()
		all[name] = dump(t, strings.Replace(database, "/"+u.Database+"?", "/"+name+"?", 1))
	}
	return all
}

// histories are all that Temporal tells of the workflows of a namespace, as it is on the wire and as JSON.
func histories(t testing.TB, temporal, namespace string) map[string][]byte {
	t.Helper()
	conn, err := grpc.NewClient(temporal, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(longest)))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	service := workflowservice.NewWorkflowServiceClient(conn)
	list, err := service.ListWorkflowExecutions(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: namespace, PageSize: 1000})
	require.NoError(t, err)
	all := map[string][]byte{"the list of workflows": wireAndJSON(t, list)}
	for _, w := range list.GetExecutions() {
		var token []byte
		for {
			page, err := service.GetWorkflowExecutionHistory(t.Context(), &workflowservice.GetWorkflowExecutionHistoryRequest{
				Namespace: namespace, Execution: w.GetExecution(), NextPageToken: token})
			require.NoError(t, err)
			id := w.GetExecution().GetWorkflowId() + " " + w.GetExecution().GetRunId()
			all[id] = append(all[id], wireAndJSON(t, page)...)
			if token = page.GetNextPageToken(); len(token) == 0 {
				break
			}
		}
	}
	return all
}

func wireAndJSON(t testing.TB, m proto.Message) []byte {
	t.Helper()
	wire, err := proto.Marshal(m)
	require.NoError(t, err)
	text, err := protojson.Marshal(m)
	require.NoError(t, err)
	return append(wire, text...)
}
