/// Takes in what arrives: headers and body, within limits. It is used by one thread only.
final class ResponseCollector {
    /// Why the transfer was stopped before its end.
    enum Stop {
        /// The error to throw instead of a response.
        case failed(any Error)
        /// An error, to which the host is still to be added.
        case refused(HTTPError.Code, String)
        /// There is enough of the body of an unsuccessful response.
        case enough
    }

    /// The most that is read of the body of a response that is not 2xx, in bytes.
    static let unsuccessfulBodyLimit = 64 * 1024
    /// The most that all headers of a response may take, in bytes.
    static let headerLimit = 256 * 1024

    /// The status, or nil as long as there is none.
    private(set) var status: Int?
    private(set) var headers: [HTTPHeader] = []
    private(set) var body: [UInt8] = []
    private(set) var stop: Stop?
    /// All bytes of headers and body so far.
    private(set) var receivedBytes: Int64 = 0

    private let maximumBodyBytes: Int
    private let onBody: (([UInt8]) throws -> Void)?
    private var headerBytes = 0
    private var bodyBytes = 0

    init(maximumBodyBytes: Int, onBody: (([UInt8]) throws -> Void)?) {
        self.maximumBodyBytes = maximumBodyBytes
        self.onBody = onBody
    }

    /// Takes one header line, or a status line, which begins a new response: the one before was an interim 1xx.
    ///
    /// - Returns: False when the transfer has to stop.
    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        receivedBytes += Int64(line.count)
        headerBytes += line.count
        guard headerBytes <= Self.headerLimit else {
            stop = .refused(.protocolViolation, "the headers go past \(Self.headerLimit / 1024) KiB")
            return false
        }
        guard bodyBytes == 0 else { return true }  // a trailer after a chunked body
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            headers = []
            status = Self.status(ofLine: text)
            if status == nil { stop = .refused(.protocolViolation, "the answer is not HTTP: it has no status") }
            return status != nil
        }
        if let header = HTTPHeader(line: text) { headers.append(header) }
        return true
    }

    /// Returns the status of `HTTP/1.1 200 OK`, or nil. Some versions of libcurl take anything after `HTTP/` for a 200.
    private static func status(ofLine line: String) -> Int? {
        let words = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0].dropFirst(5).first?.isNumber == true, words[1].utf8.count == 3 else {
            return nil
        }
        return Int(words[1]).flatMap { (100...999).contains($0) ? $0 : nil }
    }

    /// Takes the next bytes of the body.
    ///
    /// - Returns: False when the transfer has to stop.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        receivedBytes += Int64(bytes.count)
        bodyBytes += bytes.count
        guard let status, (200..<300).contains(status) else { return keepUnsuccessful(bytes) }
        guard bodyBytes <= maximumBodyBytes else {
            stop = .refused(.bodyTooLarge, "the response is larger than \(maximumBodyBytes) bytes")
            return false
        }
        guard let onBody else {
            body.append(contentsOf: bytes)
            return true
        }
        do {
            try onBody(Array(bytes))
            return true
        } catch {
            stop = .failed(error)
            return false
        }
    }

    private func keepUnsuccessful(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let limit = min(maximumBodyBytes, Self.unsuccessfulBodyLimit)
        body.append(contentsOf: bytes.prefix(limit - body.count))
        guard bodyBytes > limit else { return true }
        stop = .enough
        return false
    }
}

extension HTTPHeader {
    /// Reads a header line; nil when it is a blank line, a continuation or has no colon.
    fileprivate init?(line: String) {
        guard let first = line.utf8.first, first > 0x20 else { return nil }
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let rest = line[line.utf8.index(after: colon)...]
        // By scalar: as characters, CR and LF are one.
        let isBlank = { (scalar: Unicode.Scalar) in scalar.value <= 0x20 }
        let value = rest.unicodeScalars.drop(while: isBlank)
        let end = value.lastIndex { !isBlank($0) }.map { value.index(after: $0) } ?? value.startIndex
        self.init(String(line[..<colon]), String(value[..<end]))
    }
}
