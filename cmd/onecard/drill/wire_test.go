package drill_test

import (
	"fmt"
	"net"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // clients may compress
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// listener is told what passes between a hub and Temporal.
type listener interface {
	// handed is told that a worker was given an activity of a workflow.
	handed(token, activity, workflow string)
	// reports is told that a worker reports the end of an activity, done or not; false holds the report back for good.
	reports(token string, done bool) bool
}

// wire stands between a hub and Temporal: it passes every call on, byte for byte, and lets a listener know of activities.
type wire struct {
	upstream *grpc.ClientConn
	listener listener
}

// openWire returns the address at which Temporal can be reached through the wire.
func openWire(t *testing.T, temporal string, l listener) string {
	t.Helper()
	conn, err := grpc.NewClient(temporal, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	w := &wire{upstream: conn, listener: l}
	server := grpc.NewServer(grpc.ForceServerCodec(plain{}), grpc.UnknownServiceHandler(w.pass), grpc.MaxRecvMsgSize(longest))
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listen) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-ended)
		require.NoError(t, conn.Close())
	})
	return listen.Addr().String()
}

// longest is the longest message that passes.
const longest = 64 << 20

// frame is a message as it is on the wire.
type frame []byte

// plain is the codec that leaves messages as they are.
type plain struct{}

func (plain) Name() string { return "proto" }

func (plain) Marshal(v any) ([]byte, error) {
	f, ok := v.(*frame)
	if !ok {
		return nil, fmt.Errorf("%T is no frame", v)
	}
	return *f, nil
}

func (plain) Unmarshal(data []byte, v any) error {
	f, ok := v.(*frame)
	if !ok {
		return fmt.Errorf("%T is no frame", v)
	}
	*f = slices.Clone(data)
	return nil
}

// pass passes one call on. All of Temporal's calls are one message each way.
func (w *wire) pass(_ any, in grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(in)
	var request, answer frame
	if err := in.RecvMsg(&request); err != nil {
		return err
	}
	if held, err := w.holds(method, request); held || err != nil {
		return status.Error(codes.Unavailable, "held back by the drill")
	}
	headers, _ := metadata.FromIncomingContext(in.Context())
	ctx := metadata.NewOutgoingContext(in.Context(), headers)
	err := w.upstream.Invoke(ctx, method, &request, &answer, grpc.ForceCodec(plain{}), grpc.MaxCallRecvMsgSize(longest))
	if err != nil {
		return err
	}
	if err := w.tell(method, answer); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return in.SendMsg(&answer)
}

const service = "/temporal.api.workflowservice.v1.WorkflowService/"

// holds tells the listener of the end of an activity.
func (w *wire) holds(method string, request frame) (bool, error) {
	switch method {
	case service + "RespondActivityTaskCompleted":
		var r workflowservice.RespondActivityTaskCompletedRequest
		err := proto.Unmarshal(request, &r)
		return err == nil && !w.listener.reports(string(r.GetTaskToken()), true), err
	case service + "RespondActivityTaskFailed":
		var r workflowservice.RespondActivityTaskFailedRequest
		err := proto.Unmarshal(request, &r)
		return err == nil && !w.listener.reports(string(r.GetTaskToken()), false), err
	case service + "RespondActivityTaskCanceled":
		var r workflowservice.RespondActivityTaskCanceledRequest
		err := proto.Unmarshal(request, &r)
		return err == nil && !w.listener.reports(string(r.GetTaskToken()), false), err
	}
	return false, nil
}

// tell tells the listener of activities that are handed to a worker, on request or along with the answer to a workflow task.
func (w *wire) tell(method string, answer frame) error {
	var handed []*workflowservice.PollActivityTaskQueueResponse
	switch method {
	case service + "PollActivityTaskQueue":
		var a workflowservice.PollActivityTaskQueueResponse
		if err := proto.Unmarshal(answer, &a); err != nil {
			return err
		}
		handed = append(handed, &a)
	case service + "RespondWorkflowTaskCompleted":
		var a workflowservice.RespondWorkflowTaskCompletedResponse
		if err := proto.Unmarshal(answer, &a); err != nil {
			return err
		}
		handed = a.GetActivityTasks()
	}
	for _, a := range handed {
		if len(a.GetTaskToken()) > 0 {
			w.listener.handed(string(a.GetTaskToken()), a.GetActivityType().GetName(), a.GetWorkflowExecution().GetWorkflowId())
		}
	}
	return nil
}
