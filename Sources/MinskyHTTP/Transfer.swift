import CCurl

/// One request on its way through libcurl. It is created, run and released by one thread.
///
/// libcurl's multi interface is used although there is one transfer only: its wait can be bounded and woken, which makes
/// the time limits exact and cancellation immediate.
final class Transfer {
    let request: HTTPRequest
    let collector: ResponseCollector
    let easy: UnsafeMutableRawPointer
    let errorText: UnsafeMutablePointer<CChar>
    var headerLines: UnsafeMutablePointer<curl_slist>?
    private let multi: UnsafeMutableRawPointer

    /// Prepares a transfer of a valid request.
    ///
    /// - Throws: `HTTPError` when libcurl refuses it.
    init(_ request: HTTPRequest, collector: ResponseCollector) throws {
        guard let easy = minsky_curl_easy_init() else { throw HTTPError(.other, "libcurl gave no handle") }
        guard let multi = minsky_curl_multi_init() else {
            minsky_curl_easy_cleanup(easy)
            throw HTTPError(.other, "libcurl gave no handle")
        }
        self.request = request
        self.collector = collector
        self.easy = easy
        self.multi = multi
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try configure()
        try check(minsky_curl_multi_add(multi, easy))
    }

    deinit {
        _ = minsky_curl_multi_remove(multi, easy)
        minsky_curl_easy_cleanup(easy)
        minsky_curl_multi_cleanup(multi)
        minsky_curl_slist_free(headerLines)
        errorText.deallocate()
    }

    /// Carries the transfer out, blocking until it has ended.
    ///
    /// - Throws: `HTTPError`, or what the receiver of the body threw.
    func run(_ cancellation: Cancellation) throws -> HTTPResponse {
        try cancellation.waking(multi) {
            let clock = ContinuousClock()
            var limits = TimeLimits(request, startingAt: clock.now)
            while !cancellation.isCancelled {
                try check(minsky_curl_multi_perform(multi))
                var result = CURLE_OK
                if minsky_curl_multi_result(multi, &result) != 0 { return try response(result) }

                let now = clock.now
                limits.note(bytes: transferredBytes, at: now)
                if let limit = limits.exceeded(at: now) {
                    throw HTTPError(.timedOut, limit, at: request.endpoint)
                }
                try check(minsky_curl_multi_poll(multi, Int32(limits.milliseconds(from: now))))
            }
            throw HTTPError(.cancelled, "the request was cancelled", at: request.endpoint)
        }
    }

    /// All bytes sent and received, or nil as long as there is no connection.
    private var transferredBytes: Int64? {
        var connectedAfter: curl_off_t = 0
        var sent: curl_off_t = 0
        _ = minsky_curl_getinfo_off(easy, CURLINFO_PRETRANSFER_TIME_T, &connectedAfter)
        _ = minsky_curl_getinfo_off(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
        return connectedAfter == 0 ? nil : Int64(sent) + collector.receivedBytes
    }

    /// Turns the end of the transfer into a response or an error.
    private func response(_ result: CURLcode) throws -> HTTPResponse {
        switch collector.stop {
        case .failed(let error): throw error
        case .refused(let code, let message): throw HTTPError(code, message, at: request.endpoint)
        case .enough: break
        case nil where result == CURLE_OK: break
        case nil: throw failure(result)
        }
        guard let status = collector.status else {
            throw HTTPError(.protocolViolation, "the answer has no status", at: request.endpoint)
        }
        return HTTPResponse(status: status, headers: collector.headers, body: collector.body)
    }

    private func failure(_ result: CURLcode) -> HTTPError {
        var systemError = 0
        _ = minsky_curl_getinfo_long(easy, CURLINFO_OS_ERRNO, &systemError)
        // The text may quote the server, as in the name in a certificate.
        let detail = String(String(cString: errorText).map { $0.isASCII && $0 < " " ? "?" : $0 })
        return HTTPError(curl: result, detail: detail, systemError: systemError, request: request)
    }

    private func check(_ code: CURLMcode) throws {
        guard code != CURLM_OK else { return }
        let text = String(cString: minsky_curl_multi_strerror(code))
        throw HTTPError(.other, "libcurl stopped: \(text)", at: request.endpoint)
    }
}
