import CCurl

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension Transfer {
    /// Tells libcurl what to send and whom to give what arrives.
    ///
    /// - Throws: `HTTPError` when it refuses.
    func configure() throws {
        try check(minsky_curl_restrict(easy))
        try check(minsky_curl_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        try check(minsky_curl_setopt_string(easy, CURLOPT_URL, request.url))
        try check(minsky_curl_setopt_string(easy, CURLOPT_USERAGENT, "minsky"))
        try check(minsky_curl_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0))
        try check(minsky_curl_setopt_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1))
        try check(minsky_curl_setopt_long(easy, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds))
        if let hosts = hostsWithoutProxy { try check(minsky_curl_setopt_string(easy, CURLOPT_NOPROXY, hosts)) }
        try configureCertificates()
        try configureMethod()
        try configureHeaders()
        try configureReceivers()
    }

    /// The hosts to reach without a proxy, or nil where libcurl finds them by itself in `no_proxy`.
    private var hostsWithoutProxy: String? {
        // A proxy would look for a model server on its own loopback.
        if request.isToThisMachine { return "*" }
        // libcurl knows the star only where it stands alone.
        let isStar = ["no_proxy", "NO_PROXY"].contains { name in
            Self.variable(name)?.split { $0 == "," || $0 == " " }.contains("*") ?? false
        }
        return isStar ? "*" : nil
    }

    /// The certificates to trust instead of the system's, where the variables of the `curl` command name some
    /// (curl's manual, "ENVIRONMENT").
    private func configureCertificates() throws {
        let files = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"].compactMap { name in Self.variable(name).map { (name, $0) } }
        if let (name, path) = files.first {
            guard access(path, R_OK) == 0 else {
                throw HTTPError(.tls, "\(name) names a file of certificates that cannot be read: \(path)")
            }
            try check(minsky_curl_setopt_string(easy, CURLOPT_CAINFO, path))
        }
        if Self.variable("CURL_CA_BUNDLE") == nil, let folder = Self.variable("SSL_CERT_DIR") {
            try check(minsky_curl_setopt_string(easy, CURLOPT_CAPATH, folder))
        }
    }

    /// A variable's value; an empty one counts as absent.
    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    private func configureMethod() throws {
        if let body = request.body ?? (["POST", "PUT", "PATCH"].contains(request.method) ? [] : nil) {
            // The size first: without it, libcurl copies up to the first zero byte.
            try check(minsky_curl_setopt_off(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            // A null pointer would mean that the body comes from a callback.
            try (body.isEmpty ? [0] : body).withUnsafeBytes {
                try check(minsky_curl_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress))
            }
        } else if request.method == "HEAD" {
            try check(minsky_curl_setopt_long(easy, CURLOPT_NOBODY, 1))
        }
        try check(minsky_curl_setopt_string(easy, CURLOPT_CUSTOMREQUEST, request.method))
    }

    private func configureHeaders() throws {
        // A name with a colon and nothing behind keeps libcurl from adding that header by itself.
        try appendHeaderLine("Expect:")
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            try appendHeaderLine("Content-Type:")
        }
        for header in request.headers {
            // And a semicolon is its way to write a header with an empty value.
            let isEmpty = header.value.allSatisfy { $0 == " " || $0 == "\t" }
            try appendHeaderLine(isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        try check(minsky_curl_setopt_pointer(easy, CURLOPT_HTTPHEADER, headerLines))
    }

    private func appendHeaderLine(_ line: String) throws {
        guard let lines = minsky_curl_slist_append(headerLines, line) else {
            throw HTTPError(.other, "no memory for the headers", at: request.endpoint)
        }
        headerLines = lines
    }

    /// Hands what arrives to the collector. The context is not retained: the transfer outlives its own callbacks.
    private func configureReceivers() throws {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let onHeader: curl_write_callback = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.collector.receiveHeader(line) ? line.count : 0
        }
        let onBody: curl_write_callback = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.collector.receiveBody(part) ? part.count : 0
        }
        try check(minsky_curl_setopt_header(easy, onHeader, context))
        try check(minsky_curl_setopt_write(easy, onBody, context))
    }

    private func check(_ code: CURLcode) throws {
        guard code != CURLE_OK else { return }
        throw HTTPError(curl: code, detail: "", systemError: 0, request: request)
    }
}
