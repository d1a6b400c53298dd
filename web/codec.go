// Package web is what people and their browsers reach: console pages, the HTTP API, and the codec endpoint that lets
// the Temporal Web UI show payloads.
package web

import (
	"crypto/subtle"
	"errors"
	"io"
	"mime"
	"net/http"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
)

// maxCodecBody is above what one page of history can hold (4 MiB by gRPC's limit, a third more in base64).
const maxCodecBody = 8 << 20

// codecCookie is the cookie that stands for the token in a browser that has opened the login address.
const codecCookie = "onecard-codec"

// NewCodecHandler returns the codec endpoint of the Temporal Web UI, to which the browser posts the payloads of a
// history. Serve it on the loopback address only. Who knows the token may decode, in one of two ways:
//
//   - GET /<token> logs a browser in, by a cookie, and sends it on to the UI at uiOrigin (such as
//     "http://127.0.0.1:8233"); the UI's codec endpoint is this handler's address without the token, with
//     includeCredentials. The UI shows its settings to anybody, so they must not hold the token.
//   - A codec endpoint of /<token> itself serves programs without cookies, such as the temporal command line.
//
// It decodes only; encode is refused. A payload that does not open comes back sealed, so that one bad payload does not
// hide a history. Pages of other origins than uiOrigin are refused, and an empty token refuses everybody. Nothing is
// logged.
func NewCodecHandler(codec converter.PayloadCodec, token, uiOrigin string) http.Handler {
	c := &codecEndpoint{codec: codec, token: token, uiOrigin: uiOrigin}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{token}", c.login)
	for _, at := range []string{"", "/{token}"} {
		mux.HandleFunc("OPTIONS "+at+"/decode", c.preflight)
		mux.HandleFunc("OPTIONS "+at+"/encode", c.preflight)
		mux.HandleFunc("POST "+at+"/decode", c.decode)
		mux.HandleFunc("POST "+at+"/encode", c.encode)
	}
	return c.sameOrigin(mux)
}

type codecEndpoint struct {
	codec           converter.PayloadCodec
	token, uiOrigin string
}

// sameOrigin keeps out the pages of other origins. What is no browser's cross-origin request has no origin.
func (c *codecEndpoint) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Origin")
		h.Set("X-Content-Type-Options", "nosniff")
		switch origin := r.Header.Get("Origin"); origin {
		case "":
		case c.uiOrigin:
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Credentials", "true")
		default:
			http.Error(w, "this origin may not use the codec", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knows says whether the request has the token, in its path or in its cookie.
func (c *codecEndpoint) knows(r *http.Request) bool {
	token := r.PathValue("token")
	if token == "" {
		if cookie, err := r.Cookie(codecCookie); err == nil {
			token = cookie.Value
		}
	}
	return c.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(c.token)) == 1
}

func (c *codecEndpoint) login(w http.ResponseWriter, r *http.Request) {
	if !c.knows(r) {
		http.NotFound(w, r)
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // not Secure: this is plain HTTP on the loopback address
		Name: codecCookie, Value: c.token,
		// Cookies do not know ports: the path keeps this one from most other servers of this machine.
		Path:     "/decode",
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	})
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, c.uiOrigin, http.StatusSeeOther)
}

// preflight answers what the browser asks, without cookies, before it posts JSON with the UI's X-Namespace header.
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
	if !c.knows(r) {
		http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
		return
	}
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
