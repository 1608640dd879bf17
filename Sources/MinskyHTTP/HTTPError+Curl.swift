import CCurl

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension HTTPError {
    /// Translates the result of a failed transfer.
    ///
    /// - Parameters:
    ///   - code: What libcurl returned, not `CURLE_OK`.
    ///   - detail: What libcurl wrote into its error buffer; empty when it has nothing to add.
    ///   - systemError: The `errno` of the failed connect, or 0.
    ///   - request: The request, for its host and its connect limit.
    init(curl code: CURLcode, detail: String, systemError: Int, request: HTTPRequest) {
        let text = detail.isEmpty ? String(cString: minsky_curl_easy_strerror(code)) : detail
        let (kind, message): (Code, String) =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST: (.couldNotResolve, "the host has no known address")
            case CURLE_COULDNT_RESOLVE_PROXY: (.couldNotResolve, "the proxy has no known address")
            case CURLE_COULDNT_CONNECT, CURLE_PROXY:
                (.couldNotConnect, "could not connect: \(Self.reason(systemError) ?? text)")
            case CURLE_OPERATION_TIMEDOUT:
                // The other limits are kept by TimeLimits; libcurl knows of this one only.
                (.timedOut, "could not connect within \(request.connectTimeout.inSeconds)")
            case CURLE_GOT_NOTHING: (.connectionLost, "the server closed the connection without a response")
            case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2_STREAM:
                (.connectionLost, "the connection was lost: \(text)")
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2:
                (.protocolViolation, "the answer is not HTTP: \(text)")
            case CURLE_URL_MALFORMAT: (.invalidRequest, "the URL is malformed")
            case _ where Self.isTLS(code): (.tls, "no secure connection: \(text)")
            default: (.other, "the request failed: \(text)")
            }
        self.init(kind, message, at: request.endpoint)
    }

    private static func isTLS(_ code: CURLcode) -> Bool {
        [
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_SHUTDOWN_FAILED, CURLE_USE_SSL_FAILED, CURLE_SSL_CLIENTCERT,
        ].contains(code)
    }

    private static func reason(_ systemError: Int) -> String? {
        guard systemError != 0, let text = strerror(Int32(truncatingIfNeeded: systemError)) else { return nil }
        return String(cString: text).lowercased()
    }
}
