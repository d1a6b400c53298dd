package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onecard/cmd/onecard/internal/local"
	"onecard/web"
	"onecard/worker"
)

func serveCommand(s *settings) *cobra.Command {
	cmd := &cobra.Command{Use: "serve", Short: "Serve the codec endpoint, or SFTP to partners"}
	cmd.AddCommand(serveCodecCommand(s), serveGatewayCommand(s))
	return cmd
}

func serveCodecCommand(s *settings) *cobra.Command {
	var address, tokenFile, origin string
	cmd := &cobra.Command{
		Use:     "codec",
		Short:   "Serve the codec endpoint, by which the Temporal Web UI shows payloads",
		Example: "  onecard serve codec --codec-address 127.0.0.1:8234 --codec-token-file var/codec.token --ui-origin http://127.0.0.1:8233",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			token, err := os.ReadFile(tokenFile) //nolint:gosec // the operator names the file
			if err != nil {
				return fmt.Errorf("read the token: %w", err)
			}
			h, err := openHub(cmd.Context(), s)
			if err != nil {
				return err
			}
			defer h.close()
			return serveCodec(cmd.Context(), address, web.NewCodecHandler(worker.NewCodec(h.vault), strings.TrimSpace(string(token)), origin))
		},
	}
	cmd.Flags().StringVar(&address, "codec-address", "127.0.0.1:8234", "loopback address to listen on")
	cmd.Flags().StringVar(&tokenFile, "codec-token-file", "", "file with the token that is part of the endpoint's URL")
	cmd.Flags().StringVar(&origin, "ui-origin", "http://127.0.0.1:8233", "origin of the Web UI, which alone may ask")
	return cmd
}

func serveCodec(ctx context.Context, address string, handler http.Handler) error {
	server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the codec endpoint: %w", err)
	}
	return nil
}

// checkPartners is the doctor's look at the partners: can each be reached, with the key that is pinned?
func checkPartners(s *settings) local.Check {
	return func(ctx context.Context, _ local.State) []local.Finding {
		h, err := openHub(ctx, s)
		if err != nil {
			return []local.Finding{{English: err.Error(), Chinese: "无法打开台账"}}
		}
		defer h.close()
		x, err := h.exchange()
		if err != nil {
			return []local.Finding{{English: err.Error(), Chinese: "对端配置有误"}}
		}
		defer x.Close() //nolint:errcheck // nothing was sent
		var findings []local.Finding
		for _, p := range h.cfg.Partners {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			if err := x.Ping(ctx, p.Name); err != nil {
				findings = append(findings, local.Finding{English: fmt.Sprintf("partner %s: %v", p.Name, err), Chinese: "对端 " + p.Name + " 无法访问"})
			}
			cancel()
		}
		return findings
	}
}
