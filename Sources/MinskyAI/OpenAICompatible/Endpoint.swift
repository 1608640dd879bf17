import MinskyHTTP
import MinskyModel

/// A server that speaks the OpenAI API, for one piece of work: its time begins when it is made.
public struct Endpoint: Sendable {
    /// What a server is asked for, in the words of its errors.
    enum Service: String, Sendable {
        case chat = "the model's server"
        case embedding = "the embedding server"
    }

    /// Such as `https://api.openai.com/v1`.
    public let baseURL: String
    /// Sent as a bearer token when present.
    public let apiKey: String?
    /// The provider's name in records.
    public let provider: String
    /// The longest silence to bear.
    private let idleTimeout: Duration
    /// The longest time all requests together may take, with waiting and repairs.
    private let totalTimeout: Duration
    private let deadline: ContinuousClock.Instant
    /// The most bytes of an answer to accept.
    private let maximumBytes: Int
    /// The longest wait a rate-limited request is held for before it is tried again.
    private let longestRetryWait: Duration
    /// Frees what a server says of the key and of other secrets.
    private let redactor: Redactor
    /// Called when a call has ended, well or badly.
    private let onCall: @Sendable (CallReport) -> Void
    var service = Service.chat

    /// Creates an endpoint.
    /// - Parameter secrets: What no error may show, beside the key.
    public init(
        baseURL: String, apiKey: String?, provider: String = "openai-compatible", secrets: [String] = [],
        idleTimeout: Duration = .seconds(120), totalTimeout: Duration = .seconds(900), maximumBytes: Int = 8 << 20,
        longestRetryWait: Duration = .seconds(20), onCall: @escaping @Sendable (CallReport) -> Void = { _ in }
    ) {
        self.baseURL = baseURL
        self.apiKey = apiKey.flatMap { $0.isEmpty ? nil : $0 }
        self.provider = provider
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
        deadline = .now + totalTimeout
        self.maximumBytes = maximumBytes
        self.longestRetryWait = longestRetryWait
        redactor = Redactor(secrets + [apiKey].compactMap { $0 } + ConnectionAddress(baseURL).secrets)
        self.onCall = onCall
    }

    /// Posts JSON and returns the successful answer; a server that is busy is asked again, twice at most.
    /// - Parameter onBody: Takes the answer's body piece by piece; without it the body is in the response.
    /// - Throws: `AIError`, or what `onBody` throws.
    func post(
        _ path: String, _ body: JSON, onBody: (@Sendable ([UInt8]) throws -> Void)? = nil
    ) async throws -> HTTPResponse {
        let base = baseURL.hasSuffix("/") && !baseURL.hasSuffix("//") ? String(baseURL.dropLast()) : baseURL
        var headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("Accept", "application/json, text/event-stream"),
        ]
        if let apiKey { headers.append(HTTPHeader("Authorization", "Bearer \(apiKey)")) }
        var bytes: [UInt8] = []
        body.write(to: &bytes)
        var request = HTTPRequest(
            method: "POST", url: base + path, headers: headers, body: bytes, idleTimeout: idleTimeout,
            maximumBodyBytes: maximumBytes)
        var attempt = 0
        while true {
            attempt += 1
            request.totalTimeout = try remainingTime()
            let response: HTTPResponse
            do {
                response = try await HTTPClient().send(request, onBody: onBody)
            } catch let error as HTTPError {
                if error.code == .timedOut { _ = try remainingTime() }
                let failure = AIError(error)
                throw service == .chat ? failure : AIError(failure.code, "\(service.rawValue): \(failure.message)")
            }
            if (200..<300).contains(response.status) { return response }
            let seconds = response.header("Retry-After").flatMap { Int($0) }
            let error = failure(response, url: base + path, retryAfter: seconds)
            guard [408, 409, 425, 429, 503].contains(response.status), attempt < 3 else { throw error }
            let wait =
                seconds.map { Duration.seconds($0) } ?? .milliseconds(Int.random(in: 500...1000) << (attempt - 1))
            guard wait <= longestRetryWait, wait < (try remainingTime()) else { throw error }
            do {
                try await Task.sleep(for: wait)
            } catch {
                throw AIError(.cancelled, "the request was cancelled")
            }
        }
    }

    /// What is left of the time for everything.
    /// - Throws: `AIError` with code `.timedOut` when nothing is.
    private func remainingTime() throws -> Duration {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else {
            let seconds = Double(totalTimeout.components.seconds) + Double(totalTimeout.components.attoseconds) / 1e18
            let text = seconds == seconds.rounded() ? "\(Int64(seconds))" : "\(seconds)"
            throw AIError(.timedOut, "\(service.rawValue) did not finish within \(text) seconds in all")
        }
        return left
    }

    private func failure(_ response: HTTPResponse, url: String, retryAfter: Int?) -> AIError {
        let words = quoting(Self.errorMessage(response.body))
        let said = words.isEmpty ? "" : ": \(words)"
        let (status, server) = (response.status, service.rawValue)
        let (code, message): (AIError.Code, String) =
            switch status {
            case 401 where apiKey == nil:
                (.unauthorized, "\(server) asks for a key, and there is none (HTTP \(status))\(said)")
            case 401, 403: (.unauthorized, "\(server) refused the key (HTTP \(status))\(said)")
            case 404:
                (
                    .rejected,
                    "\(server) has no such model or address, \(ConnectionAddress(url).shown) (HTTP 404)\(said)"
                )
            case 408, 409, 425: (.serverFailed, "\(server) could not answer now (HTTP \(status))\(said)")
            case 429:
                (
                    .rateLimited,
                    "\(server) asks for fewer requests (HTTP 429)"
                        + (retryAfter.map { "; it asks to wait \($0) seconds" } ?? "") + said
                )
            case 300..<400:
                (.rejected, "\(server) redirects elsewhere (HTTP \(status)), which is not followed with a key")
            case 400..<500: (.rejected, "\(server) refused the request (HTTP \(status))\(said)")
            default: (.serverFailed, "\(server) failed (HTTP \(status))\(said)")
            }
        return AIError(code, message, status: status)
    }

    /// Text from the server as an error may show it: on one line, not too long, and without secrets. Those go first: what
    /// is left of one that was cut in two would no longer be found.
    func quoting(_ text: String, limit: Int = 300) -> String {
        // Nobody reads on, and a whole answer may be megabytes.
        let beginning = String(decoding: text.utf8.prefix(64 << 10), as: UTF8.self)
        let line = redactor.redacted(beginning).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.unicodeScalars.count > limit ? String(line.unicodeScalars.prefix(limit)) + "…" : line
    }

    /// Runs a body; no error it throws shows a secret, whatever it is made of.
    func redactingErrors<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as AIError {
            throw AIError(error.code, redactor.redacted(error.message), status: error.status)
        }
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
                    provider: provider, model: model, milliseconds: milliseconds, usage: usage,
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
