import MinskyHTTP
import MinskyModel

/// A server that speaks the OpenAI API, and how long to wait for it.
public struct Endpoint: Sendable {
    /// Such as `https://api.openai.com/v1`.
    public var baseURL: String
    /// Sent as a bearer token when present.
    public var apiKey: String?
    /// The longest silence to bear.
    public var idleTimeout: Duration
    /// The longest time a whole answer may take.
    public var totalTimeout: Duration
    /// The most bytes of an answer to accept.
    public var maximumBytes: Int
    /// The longest wait a rate-limited request is held for before it is tried again.
    public var longestRetryWait: Duration
    /// Called when a call has ended, well or badly.
    public var onCall: @Sendable (CallReport) -> Void

    /// The name of this kind of provider.
    public static let providerName = "openai-compatible"

    /// Creates an endpoint.
    public init(
        baseURL: String, apiKey: String?, idleTimeout: Duration = .seconds(120), totalTimeout: Duration = .seconds(900),
        maximumBytes: Int = 8 << 20, longestRetryWait: Duration = .seconds(20),
        onCall: @escaping @Sendable (CallReport) -> Void = { _ in }
    ) {
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
        self.maximumBytes = maximumBytes
        self.longestRetryWait = longestRetryWait
        self.onCall = onCall
    }

    /// Posts JSON and returns the successful answer; a rate-limited or overloaded server is asked again, twice at most.
    /// - Parameter onBody: Takes the answer's body piece by piece; without it the body is in the response.
    /// - Throws: `AIError`, or what `onBody` throws.
    func post(
        _ path: String, _ body: JSON, onBody: (@Sendable ([UInt8]) throws -> Void)? = nil
    ) async throws -> HTTPResponse {
        let base = baseURL.hasSuffix("/") && !baseURL.hasSuffix("//") ? String(baseURL.dropLast()) : baseURL
        var headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("Accept", "application/json, text/event-stream"),
        ]
        if let apiKey, !apiKey.isEmpty { headers.append(HTTPHeader("Authorization", "Bearer \(apiKey)")) }
        var bytes: [UInt8] = []
        body.write(to: &bytes)
        let request = HTTPRequest(
            method: "POST", url: base + path, headers: headers, body: bytes, idleTimeout: idleTimeout,
            totalTimeout: totalTimeout, maximumBodyBytes: maximumBytes)
        var attempt = 0
        while true {
            attempt += 1
            let response: HTTPResponse
            do {
                response = try await HTTPClient().send(request, onBody: onBody)
            } catch let error as HTTPError {
                throw AIError(error)
            }
            if (200..<300).contains(response.status) { return response }
            let seconds = response.header("Retry-After").flatMap { Int($0) }
            let error = failure(response, url: base + path, retryAfter: seconds)
            guard [429, 503].contains(response.status), attempt < 3 else { throw error }
            let wait =
                seconds.map { Duration.seconds($0) } ?? .milliseconds(Int.random(in: 500...1000) << (attempt - 1))
            guard wait <= longestRetryWait else { throw error }
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw AIError(.cancelled, "the request was cancelled")
            }
        }
    }

    private func failure(_ response: HTTPResponse, url: String, retryAfter: Int?) -> AIError {
        let words = quoting(Self.errorMessage(response.body))
        let said = words.isEmpty ? "" : ": \(words)"
        let status = response.status
        switch status {
        case 401, 403: return AIError(.unauthorized, "the model's server refused the key (HTTP \(status))\(said)")
        case 404:
            let address = Self.withoutPassword(url)
            return AIError(.rejected, "the model's server has no such model or address, \(address) (HTTP 404)\(said)")
        case 429:
            let wait = retryAfter.map { "; it asks to wait \($0) seconds" } ?? ""
            return AIError(.rateLimited, "the model's server asks for fewer requests (HTTP 429)\(wait)\(said)")
        case 300..<400:
            return AIError(
                .rejected, "the model's server redirects elsewhere (HTTP \(status)), which is not followed with a key")
        case 400..<500: return AIError(.rejected, "the model's server refused the request (HTTP \(status))\(said)")
        default: return AIError(.serverFailed, "the model's server failed (HTTP \(status))\(said)")
        }
    }

    /// Text from the server as an error may show it: on one line, not too long, and with the key made unreadable, should
    /// the server repeat it. The key goes first: what is left of one that was cut in two would no longer be found.
    func quoting(_ text: String, limit: Int = 300) -> String {
        let line = hidingKey(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > limit ? line.prefix(limit) + "…" : line
    }

    private func hidingKey(_ text: String) -> String {
        guard let apiKey, !apiKey.isEmpty else { return text }
        // By scalar: as characters, a key with an accent behind it is another text.
        return String(text.unicodeScalars.replacing(apiKey.unicodeScalars, with: "[key]".unicodeScalars))
    }

    private static func withoutPassword(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        guard let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }

    /// The words of an error answer: `error.message`, `error` or `message`, else the whole body.
    private static func errorMessage(_ body: [UInt8]) -> String {
        guard let json = try? JSON(parsing: body) else { return String(decoding: body, as: UTF8.self) }
        return errorMessage(json) ?? json.text()
    }

    static func errorMessage(_ json: JSON) -> String? {
        json["error"]?["message"]?.string ?? json["error"]?.string ?? json["message"]?.string
    }

    /// Runs one call and reports how it ended.
    func reporting<Answer>(
        model: String, usage: (Answer) -> TokenUsage?, _ call: () async throws -> Answer
    ) async throws -> Answer {
        let clock = ContinuousClock()
        let start = clock.now
        func report(_ usage: TokenUsage?, _ outcome: String) {
            let elapsed = start.duration(to: clock.now).components
            let milliseconds = Int(elapsed.seconds) * 1000 + Int(elapsed.attoseconds / 1_000_000_000_000_000)
            onCall(
                CallReport(
                    provider: Self.providerName, model: model, milliseconds: milliseconds, usage: usage,
                    outcome: outcome))
        }
        do {
            let answer = try await call()
            report(usage(answer), "ok")
            return answer
        } catch {
            report(nil, (error as? AIError)?.code.description ?? "failed")
            throw error
        }
    }
}
