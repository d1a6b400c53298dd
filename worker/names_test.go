package worker_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"onecard/card"
	"onecard/worker"
	"onecard/workflows"
)

var update = flag.Bool("update", false, "write testdata/names.golden anew")

// TestNames holds everything by which histories, people's programs and running workflows call us to the golden file. These are
// wire formats: lines are added; one that changes or goes strands whatever was begun under it.
func TestNames(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("..", "testdata", "names.golden")
	r := &registry{shapes: map[string]string{}}
	worker.RegisterWorkflows(r)
	worker.RegisterActivities(r, everyActivity())
	batch := card.BatchID{Rollout: "R20261121-001", City: "440600", Bank: "102", Number: 3}
	names := slices.Concat(r.names, constants(t), []string{
		"task-queue " + worker.TaskQueue,
		"workflow-id rollout " + workflows.IssuanceWorkflowID(batch.Rollout),
		"workflow-id production " + workflows.BatchWorkflowID(batch),
		"workflow-id hand-over " + workflows.HandOverWorkflowID(batch),
		"workflow-id subsidy " + workflows.SubsidyWorkflowID(batch.Rollout),
		"workflow-id check " + workflows.CheckBatchWorkflowID(batch),
		"workflow-id payout " + workflows.PayBatchWorkflowID(batch),
		"workflow-id timetable " + workflows.TimetableWorkflowID,
		"workflow-id files " + workflows.FileWatchWorkflowID("ICBC"),
		"workflow-id match " + workflows.PopulationMatchWorkflowID("2026-11"),
		"workflow-id city-match " + workflows.CityMatchWorkflowID("2026-11", "440600"),
		"schedule match " + workflows.MatchScheduleID,
		"payload-encoding " + payloadEncoding(t),
	})
	for _, key := range []temporal.SearchAttributeKey{workflows.SearchRollout, workflows.SearchCity, workflows.SearchBank} {
		names = append(names, fmt.Sprintf("search-attribute %s %s", key.GetName(), key.GetValueType()))
	}
	for _, of := range slices.Sorted(maps.Keys(r.shapes)) {
		names = append(names, "shape "+of+" "+r.shapes[of])
	}
	slices.Sort(names)
	text := strings.Join(names, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(text), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// everyActivity has a nil activity of each kind, which suffices for their names.
func everyActivity() (a worker.Activities) {
	for f := range reflect.ValueOf(&a).Elem().NumField() {
		field := reflect.ValueOf(&a).Elem().Field(f)
		field.Set(reflect.New(field.Type().Elem()))
	}
	return a
}

// registry notes what is registered, and the shape of everything of ours that is passed.
type registry struct {
	names  []string
	shapes map[string]string
}

func (r *registry) RegisterWorkflow(w any) {
	full := runtime.FuncForPC(reflect.ValueOf(w).Pointer()).Name()
	r.names = append(r.names, "workflow "+full[strings.LastIndexByte(full, '.')+1:])
	r.shape(reflect.TypeOf(w))
}

func (r *registry) RegisterActivity(a any) {
	of := reflect.TypeOf(a)
	for m := range of.NumMethod() {
		r.names = append(r.names, "activity "+of.Method(m).Name)
		r.shape(reflect.ValueOf(a).Method(m).Type())
	}
}

// shape notes the types of a function's arguments and results as they stand in payloads.
func (r *registry) shape(f reflect.Type) {
	var types []reflect.Type
	for n := range f.NumIn() {
		types = append(types, f.In(n))
	}
	for n := range f.NumOut() {
		types = append(types, f.Out(n))
	}
	for _, of := range types {
		if of.Kind() == reflect.Struct && strings.HasPrefix(of.PkgPath(), "onecard/") {
			r.shapes[of.String()] = string(mustJSON(full(of).Interface()))
		}
	}
}

// full is a value of a type with one element in every list, so that its JSON shows the elements too.
func full(of reflect.Type) reflect.Value {
	v := reflect.New(of).Elem()
	if of.Kind() != reflect.Struct {
		return v
	}
	for f := range of.NumField() {
		field := v.Field(f)
		switch {
		case field.Kind() == reflect.Slice:
			field.Set(reflect.Append(field, full(field.Type().Elem())))
		case field.Kind() == reflect.Struct && field.CanSet():
			field.Set(full(field.Type()))
		}
	}
	return v
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // a type that cannot be a payload
	}
	return text
}

func (*registry) RegisterWorkflowWithOptions(any, workflow.RegisterOptions)    {}
func (*registry) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions) {}
func (*registry) RegisterActivityWithOptions(any, activity.RegisterOptions)    {}
func (*registry) RegisterDynamicActivity(any, activity.DynamicRegisterOptions) {}

// constants are the updates, signals and queries of the workflows: the text constants so called.
func constants(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "workflows", "*.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			for _, kind := range []string{"update", "signal", "query"} {
				literal, text := spec.Values[0].(*ast.BasicLit)
				if text && strings.HasPrefix(strings.ToLower(spec.Names[0].Name), kind) {
					value, err := strconv.Unquote(literal.Value)
					require.NoError(t, err)
					names = append(names, kind+" "+value)
				}
			}
			return true
		})
	}
	return names
}

func payloadEncoding(t *testing.T) string {
	t.Helper()
	sealed, err := worker.NewCodec(transparent{}).Encode([]*commonpb.Payload{{Data: []byte("x")}})
	require.NoError(t, err)
	return string(sealed[0].GetMetadata()[converter.MetadataEncoding])
}

// transparent seals nothing.
type transparent struct{}

func (transparent) Seal(plain, _ []byte) []byte           { return plain }
func (transparent) Open(sealed, _ []byte) ([]byte, error) { return sealed, nil }

// TestEveryActivityIsRegisteredOnce looks for two activities of one name: the SDK registers methods bare.
func TestEveryActivityIsRegisteredOnce(t *testing.T) {
	t.Parallel()
	r := &registry{shapes: map[string]string{}}
	worker.RegisterActivities(r, everyActivity())
	require.Greater(t, len(r.names), 20)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(r.names))), len(r.names))
}
