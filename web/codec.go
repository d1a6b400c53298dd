// Package web is what people and their browsers reach: console pages, the HTTP API, and the codec endpoint that lets
// the Temporal Web UI show payloads.
package web

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxCodecBody is above what one page of history can hold (4 MiB by gRPC's limit, a third more in base64).
const maxCodecBody = 8 << 20

// NewCodecHandler returns the codec endpoint of the Temporal Web UI. The browser posts the payloads of a history to
// <endpoint>/decode, where <endpoint> is this handler's address with "/" and the token after it: the UI can be given a
// URL and nothing else, so the token is part of it and the URL must be treated as a secret.
//
// It decodes only; /encode is refused. A payload that does not open comes back sealed, so that one bad payload does not
// hide a history. Requests of pages from elsewhere than uiOrigin (such as "http://127.0.0.1:8233") are refused; an
// empty token refuses everything. Nothing is logged. Serve it on the loopback address only.
func NewCodecHandler(codec converter.PayloadCodec, token, uiOrigin string) http.Handler {
	c := &codecEndpoint{codec: codec, token: token, uiOrigin: uiOrigin}
	mux := http.NewServeMux()
	mux.HandleFunc("OPTIONS /{token}/{verb}", c.preflight)
	mux.HandleFunc("POST /{token}/decode", c.decode)
	mux.HandleFunc("POST /{token}/encode", c.encode)
	return c.guard(mux)
}

type codecEndpoint struct {
	codec           converter.PayloadCodec
	token, uiOrigin string
}

// guard lets through who knows the token and is no page of another origin. A wrong token looks like a wrong address.
func (c *codecEndpoint) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if c.token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(c.token)) != 1 {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Origin")
		switch origin := r.Header.Get("Origin"); origin {
		case "": // not a browser's cross-origin request: the temporal command line, say
		case c.uiOrigin:
			h.Set("Access-Control-Allow-Origin", origin)
		default:
			http.Error(w, "this origin may not use the codec", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// preflight answers what the browser asks before it posts JSON with the UI's X-Namespace header.
func (c *codecEndpoint) preflight(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", http.MethodPost)
	h.Set("Access-Control-Allow-Headers", "Content-Type, X-Namespace")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// encode refuses: what enters a workflow comes through the hub's own programs, with their checks.
func (*codecEndpoint) encode(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "this codec only decodes", http.StatusForbidden)
}

func (c *codecEndpoint) decode(w http.ResponseWriter, r *http.Request) {
	in, status := readPayloads(w, r)
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status) // and no more: a parser's message may quote the body
		return
	}
	out := &commonpb.Payloads{Payloads: make([]*commonpb.Payload, len(in.GetPayloads()))}
	for n, p := range in.GetPayloads() {
		out.Payloads[n] = c.open(p)
	}
	body, err := protojson.Marshal(out)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) // an error means that the browser has gone
}

func (c *codecEndpoint) open(p *commonpb.Payload) *commonpb.Payload {
	opened, err := c.codec.Decode([]*commonpb.Payload{p})
	if err != nil || len(opened) != 1 {
		return p
	}
	return opened[0]
}

// readPayloads returns the request's payloads and StatusOK, or the status that says what is wrong with it.
func readPayloads(w http.ResponseWriter, r *http.Request) (*commonpb.Payloads, int) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, http.StatusUnsupportedMediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCodecBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge
	}
	if err != nil {
		return nil, http.StatusBadRequest
	}
	var payloads commonpb.Payloads
	// A newer UI may send fields that this version does not know.
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &payloads); err != nil {
		return nil, http.StatusBadRequest
	}
	return &payloads, http.StatusOK
}
