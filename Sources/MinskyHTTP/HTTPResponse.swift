/// A response, whatever its status.
public struct HTTPResponse: Sendable {
    /// The status code, such as 200 or 404.
    public var status: Int
    /// The headers in the order they were received.
    public var headers: [HTTPHeader]
    /// The body, not decompressed; empty when it was streamed, cut after 64 KiB when the status is not 2xx.
    public var body: [UInt8]

    /// Creates a response from its parts.
    public init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Returns the value of the first header of that name, in any case, or nil.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
