"""The headers that make a presenter's document a guest: an opaque origin, wherever it is opened (design page, section
7)."""

SANDBOX = "allow-scripts allow-forms allow-modals allow-popups allow-downloads"
"""Never `allow-same-origin`: with it the presenter could do all that its volunteer may."""

POLICY = "; ".join(
    (
        f"sandbox {SANDBOX}",
        "default-src * data: blob: 'unsafe-inline' 'unsafe-eval'",
        "worker-src * blob:",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'self'",
    )
)


def frame_headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "unsafe-none",
    }
