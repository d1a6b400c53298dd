package worker_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"onecard/connectors/vault"
	"onecard/worker"
)

const canary = "张·测试 44060019900101001X"

func newSealer(t testing.TB) worker.Sealer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault.toml")
	require.NoError(t, vault.Generate(path))
	v, err := vault.Open(path)
	require.NoError(t, err)
	return v
}

func TestPayloadsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	dc := worker.DataConverter(newSealer(t))
	type batch struct {
		Name string
		Rows []int
	}
	in := batch{canary, []int{1, 2, 3}}
	sealed, err := dc.ToPayloads(in, nil, []byte(canary), canary)
	require.NoError(t, err)
	requireUnreadable(t, sealed)

	var (
		out   batch
		none  *int
		bytes []byte
		text  string
	)
	require.NoError(t, dc.FromPayloads(sealed, &out, &none, &bytes, &text))
	require.Equal(t, in, out)
	require.Nil(t, none)
	require.Equal(t, canary, string(bytes))
	require.Equal(t, canary, text)
}

func TestCodecRoundTrip(t *testing.T) {
	t.Parallel()
	codec := worker.NewCodec(newSealer(t))
	rapid.Check(t, func(t *rapid.T) {
		in := &commonpb.Payload{
			Metadata: rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.Byte())).Draw(t, "metadata"),
			Data:     rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
		}
		sealed, err := codec.Encode([]*commonpb.Payload{in, in})
		require.NoError(t, err)
		out, err := codec.Decode(sealed)
		require.NoError(t, err)
		require.Len(t, out, 2)
		require.True(t, proto.Equal(in, out[0]))
		require.True(t, proto.Equal(in, out[1]))
	})
}

func TestDecodeLeavesForeignPayloadsAlone(t *testing.T) {
	t.Parallel()
	foreign, err := converter.GetDefaultDataConverter().ToPayload("rollout/R20261121-001")
	require.NoError(t, err)
	out, err := worker.NewCodec(newSealer(t)).Decode([]*commonpb.Payload{foreign, {}})
	require.NoError(t, err)
	require.Same(t, foreign, out[0])
}

func TestDecodeRefusesWhatWasAltered(t *testing.T) {
	t.Parallel()
	codec := worker.NewCodec(newSealer(t))
	sealed, err := codec.Encode([]*commonpb.Payload{{Data: []byte(canary)}})
	require.NoError(t, err)
	sealed[0].Data[40] ^= 1
	_, err = codec.Decode(sealed)
	require.ErrorContains(t, err, "open payload")
	require.NotContains(t, err.Error(), canary)
}

func TestFailuresAreUnreadableAndComeBack(t *testing.T) {
	t.Parallel()
	fc := worker.FailureConverter(newSealer(t))
	cause := temporal.NewApplicationErrorWithCause("no account for "+canary, "Conflict", errors.New(canary), canary)
	failure := fc.ErrorToFailure(cause)
	requireUnreadable(t, failure)
	require.Equal(t, "Conflict", failure.GetApplicationFailureInfo().GetType(), "types stay readable")

	var back *temporal.ApplicationError
	require.ErrorAs(t, fc.FailureToError(failure), &back)
	require.Equal(t, "no account for "+canary, back.Message())
	var detail string
	require.NoError(t, back.Details(&detail))
	require.Equal(t, canary, detail)
	require.ErrorContains(t, back.Unwrap(), canary)
}

// TestWorkflowRunsOnSealedPayloads sends arguments, results and heartbeat details of a workflow through the converters.
func TestWorkflowRunsOnSealedPayloads(t *testing.T) {
	t.Parallel()
	sealer := newSealer(t)
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetDataConverter(worker.DataConverter(sealer))
	env.SetFailureConverter(worker.FailureConverter(sealer))
	env.RegisterActivity(greet)
	env.ExecuteWorkflow(greetOnce, canary)
	require.NoError(t, env.GetWorkflowError())
	var got string
	require.NoError(t, env.GetWorkflowResult(&got))
	require.Equal(t, "hello "+canary, got)
}

func greet(_ context.Context, name string) (string, error) { return "hello " + name, nil }

func greetOnce(ctx workflow.Context, name string) (string, error) {
	var out string
	err := workflow.ExecuteActivity(withTimeouts(ctx, 0), greet, name).Get(ctx, &out)
	return out, err
}

func requireUnreadable(t *testing.T, m proto.Message) {
	t.Helper()
	wire, err := proto.Marshal(m)
	require.NoError(t, err)
	for _, secret := range []string{canary, "张", "44060019900101001X", "no account", "Rows", "json/plain"} {
		require.NotContains(t, string(wire), secret)
	}
}
