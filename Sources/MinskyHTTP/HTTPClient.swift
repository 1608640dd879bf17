// MinskyHTTP sends one HTTP request and receives one, possibly streamed, response, over libcurl.
// It knows nothing of models or tasks. It may import CCurl and MinskyModel, for what an address says, and no Foundation.
//
//   HTTPClient → Transfer (the loop around libcurl) → ResponseCollector (what arrives) + TimeLimits (when to give up)

import CCurl

/// Sends HTTP requests.
///
/// A client has no state: every request opens a connection of its own and closes it. Redirects are not followed,
/// because a key in a header must not travel to another host. Certificates are verified. The variables of the environment
/// that name proxies and certificates apply as they do in the `curl` command; this machine is never reached by a proxy.
public struct HTTPClient: Sendable {
    /// Creates a client. libcurl is loaded by the first request, not here.
    public init() {}

    /// Sends `request` and waits for the end of the response.
    ///
    /// Cancelling the task aborts the transfer at once.
    ///
    /// - Parameters:
    ///   - request: What to send, and the limits to keep.
    ///   - onBody: Receives the body of a 2xx response piece by piece as it arrives, cut anywhere; the body of the
    ///     returned response is then empty. It runs on the transfer's thread, one call at a time and never after `send`
    ///     has returned; while it runs nothing else is read.
    /// - Returns: The response, whatever its status. Of the body of a response that is not 2xx only the first 64 KiB are
    ///   read.
    /// - Throws: `HTTPError`, or, unchanged, what `onBody` throws.
    public func send(
        _ request: HTTPRequest, onBody: (@Sendable ([UInt8]) throws -> Void)? = nil
    ) async throws -> HTTPResponse {
        try request.validate()
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await TransferThread.run {
                try perform(request, onBody: onBody, cancellation: cancellation)
            }
        } onCancel: {
            cancellation.cancel()
        }
    }

    /// Loads libcurl and carries out one request, blocking the thread it is called on.
    private func perform(
        _ request: HTTPRequest, onBody: (@Sendable ([UInt8]) throws -> Void)?, cancellation: Cancellation
    ) throws -> HTTPResponse {
        if let problem = minsky_curl_load() { throw HTTPError(.libraryMissing, String(cString: problem)) }
        let collector = ResponseCollector(maximumBodyBytes: request.maximumBodyBytes, onBody: onBody)
        let transfer = try Transfer(request, collector: collector)
        return try transfer.run(cancellation)
    }
}
