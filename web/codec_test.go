package web_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"onecard/web"
)

const (
	token    = "0123456789abcdef0123456789abcdef"
	uiOrigin = "http://127.0.0.1:8233"
	// uiQuery is what the UI (ui-server v2.55.0) adds to every call.
	uiQuery = "?preserveStorageRefs=true"
)

// turned is a codec that turns texts round, and refuses those that begin with "bad".
type turned struct{}

func (turned) Encode(in []*commonpb.Payload) ([]*commonpb.Payload, error) { return turned{}.Decode(in) }

func (turned) Decode(in []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(in))
	for n, p := range in {
		if strings.HasPrefix(string(p.GetData()), "bad") {
			return nil, errors.New("does not open: " + string(p.GetData()))
		}
		out[n] = &commonpb.Payload{Metadata: p.GetMetadata(), Data: reversed(p.GetData())}
	}
	return out, nil
}

func reversed(b []byte) []byte {
	out := make([]byte, len(b))
	for n, c := range b {
		out[len(b)-1-n] = c
	}
	return out
}

func serve(t *testing.T, token string) string {
	t.Helper()
	s := httptest.NewServer(web.NewCodecHandler(turned{}, token, uiOrigin))
	t.Cleanup(s.Close)
	return s.URL
}

// call sends what the UI's fetch does, with headers changed or (empty) left out.
func call(t *testing.T, method, url, body string, headers map[string]string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Origin", uiOrigin)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Namespace", "onecard")
	for k, v := range headers {
		req.Header.Set(k, v)
		if v == "" {
			req.Header.Del(k)
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	require.NoError(t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res, string(text)
}

func payloads(t *testing.T, texts ...string) string {
	t.Helper()
	p := &commonpb.Payloads{}
	for _, text := range texts {
		p.Payloads = append(p.Payloads, &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte("json/plain")}, Data: []byte(text)})
	}
	body, err := protojson.Marshal(p)
	require.NoError(t, err)
	return string(body)
}

func TestPreflightLetsTheUIPost(t *testing.T) {
	t.Parallel()
	base := serve(t, token)
	for _, path := range []string{"/decode", "/encode", "/" + token + "/decode"} {
		res, body := call(t, http.MethodOptions, base+path+uiQuery, "", map[string]string{
			"Content-Type": "", "X-Namespace": "",
			"Access-Control-Request-Method":  http.MethodPost,
			"Access-Control-Request-Headers": "content-type,x-namespace",
		})
		require.Equal(t, http.StatusNoContent, res.StatusCode)
		require.Empty(t, body)
		require.Equal(t, uiOrigin, res.Header.Get("Access-Control-Allow-Origin"))
		require.Equal(t, "true", res.Header.Get("Access-Control-Allow-Credentials"))
		require.Equal(t, "POST", res.Header.Get("Access-Control-Allow-Methods"))
		allowed := strings.ToLower(res.Header.Get("Access-Control-Allow-Headers"))
		require.Contains(t, allowed, "content-type")
		require.Contains(t, allowed, "x-namespace")
	}
}

// TestLogin opens the address that `onecard up` prints, and then does what the UI's page does in the same browser.
func TestLogin(t *testing.T) {
	t.Parallel()
	base := serve(t, token)
	res, _ := call(t, http.MethodGet, base+"/"+token, "", map[string]string{"Origin": "", "Content-Type": "", "X-Namespace": ""})
	require.Equal(t, http.StatusSeeOther, res.StatusCode)
	require.Equal(t, uiOrigin, res.Header.Get("Location"))
	require.Len(t, res.Cookies(), 1)
	cookie := res.Cookies()[0]
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.Equal(t, "/decode", cookie.Path)

	res, text := call(t, http.MethodPost, base+"/decode"+uiQuery, payloads(t, "cba"), map[string]string{"Cookie": cookie.Name + "=" + cookie.Value})
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.JSONEq(t, payloads(t, "abc"), text)
	require.Equal(t, "true", res.Header.Get("Access-Control-Allow-Credentials"))
}

func TestDecodeAsTheUICallsIt(t *testing.T) {
	t.Parallel()
	// The first keeps its order by the codec's refusal; a field of a newer version is ignored.
	body := strings.Replace(payloads(t, "bad", "cba", ""), "{", `{"newer":[1],`, 1)
	res, text := call(t, http.MethodPost, serve(t, token)+"/"+token+"/decode"+uiQuery, body, nil)
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, uiOrigin, res.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "no-store", res.Header.Get("Cache-Control"))
	require.Equal(t, "application/json", res.Header.Get("Content-Type"))
	require.JSONEq(t, payloads(t, "bad", "abc", ""), text)
}

func TestDecodeForTheSDKsRemoteCodec(t *testing.T) {
	t.Parallel()
	remote := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{Endpoint: serve(t, token) + "/" + token})
	out, err := remote.Decode([]*commonpb.Payload{{Data: []byte("cba")}, {Data: []byte("21")}})
	require.NoError(t, err)
	require.Len(t, out, 2)
	require.Equal(t, "abc", string(out[0].GetData()))
	require.Equal(t, "12", string(out[1].GetData()))

	_, err = remote.Encode([]*commonpb.Payload{{Data: []byte("abc")}})
	require.ErrorContains(t, err, "only decodes")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	base := serve(t, token)
	good, wrong := payloads(t, "cba"), strings.Repeat("0", 32)
	for name, tc := range map[string]struct {
		method, path, body string
		headers            map[string]string
		status             int
	}{
		"encode":              {http.MethodPost, "/" + token + "/encode", good, nil, http.StatusForbidden},
		"download":            {http.MethodPost, "/" + token + "/download", good, nil, http.StatusNotFound},
		"get":                 {http.MethodGet, "/" + token + "/decode", "", nil, http.StatusMethodNotAllowed},
		"no cookie":           {http.MethodPost, "/decode", good, nil, http.StatusUnauthorized},
		"wrong cookie":        {http.MethodPost, "/decode", good, map[string]string{"Cookie": "onecard-codec=" + wrong}, http.StatusUnauthorized},
		"wrong token":         {http.MethodPost, "/" + wrong + "/decode", good, nil, http.StatusUnauthorized},
		"token's beginning":   {http.MethodPost, "/" + token[:31] + "/decode", good, nil, http.StatusUnauthorized},
		"wrong login":         {http.MethodGet, "/" + wrong, "", nil, http.StatusNotFound},
		"login elsewhere":     {http.MethodGet, "/" + token, "", map[string]string{"Origin": "http://example.org"}, http.StatusForbidden},
		"another origin":      {http.MethodPost, "/" + token + "/decode", good, map[string]string{"Origin": "http://127.0.0.1:8234"}, http.StatusForbidden},
		"origin null":         {http.MethodPost, "/" + token + "/decode", good, map[string]string{"Origin": "null"}, http.StatusForbidden},
		"preflight elsewhere": {http.MethodOptions, "/" + token + "/decode", "", map[string]string{"Origin": "http://example.org"}, http.StatusForbidden},
		"form":                {http.MethodPost, "/" + token + "/decode", good, map[string]string{"Content-Type": "text/plain"}, http.StatusUnsupportedMediaType},
		"no type":             {http.MethodPost, "/" + token + "/decode", good, map[string]string{"Content-Type": ""}, http.StatusUnsupportedMediaType},
		"not JSON":            {http.MethodPost, "/" + token + "/decode", "secret", nil, http.StatusBadRequest},
		"not payloads":        {http.MethodPost, "/" + token + "/decode", `{"payloads":"secret"}`, nil, http.StatusBadRequest},
		"too large":           {http.MethodPost, "/" + token + "/decode", `"` + strings.Repeat("a", 8<<20) + `"`, nil, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, text := call(t, tc.method, base+tc.path, tc.body, tc.headers)
			require.Equal(t, tc.status, res.StatusCode)
			require.NotContains(t, text, "abc")
			require.NotContains(t, text, "secret")
			if tc.status == http.StatusForbidden && tc.headers != nil {
				require.Empty(t, res.Header.Get("Access-Control-Allow-Origin"))
			}
		})
	}
}

func TestEmptyTokenRefusesEverything(t *testing.T) {
	t.Parallel()
	base := serve(t, "")
	for _, cookie := range []string{"", "onecard-codec=", "onecard-codec=x"} {
		for _, path := range []string{"/decode", "/x/decode"} {
			res, _ := call(t, http.MethodPost, base+path, payloads(t, "cba"), map[string]string{"Cookie": cookie})
			require.Equal(t, http.StatusUnauthorized, res.StatusCode, path)
		}
	}
	res, _ := call(t, http.MethodGet, base+"/x", "", nil)
	require.Equal(t, http.StatusNotFound, res.StatusCode)
}

func FuzzDecode(f *testing.F) {
	h := web.NewCodecHandler(turned{}, token, uiOrigin)
	f.Add(`{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"Y2Jh"}]}`)
	f.Add(`{"payloads":[null]}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		req := httptest.NewRequest(http.MethodPost, "/"+token+"/decode", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		res := httptest.NewRecorder()
		h.ServeHTTP(res, req)
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, res.Code)
	})
}
