import Crypto
import Foundation
import MinskyModel
import MinskyStore

extension Workspace {
    /// What tells the folder from others of the machine, and does not say where it is.
    var mark: String {
        SHA256.hash(data: Data(path.utf8)).prefix(8).map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
    }

    /// Writes down where the upstream is, or that there is none.
    /// - Throws: `AppError`.
    func noteUpstream(_ place: DatabasePlace?) throws {
        var file = try TOMLFile(path: configurationPath)
        guard let place else {
            try file.unset("sync.url")
            try file.unset("sync.schema")
            return try file.save()
        }
        try file.set("sync.url", to: place.schema == nil ? pathFromHere(place.url) : place.url, isNumber: false)
        if let schema = place.schema {
            try file.set("sync.schema", to: schema, isNumber: false)
        } else {
            try file.unset("sync.schema")
        }
        try file.save()
    }

    /// A path as seen from the workspace, when it is in the folder that holds the workspace's, or below: both are moved and
    /// shared together then. Any other stays absolute.
    private func pathFromHere(_ path: String) -> String {
        let parts = self.path.split(separator: "/").dropLast(2)
        let reach = "/" + parts.joined(separator: "/") + "/"
        guard !parts.isEmpty, path.hasPrefix(reach) else { return path }
        let (own, other) = (self.path.split(separator: "/"), path.split(separator: "/"))
        let common = zip(own, other).prefix { $0 == $1 }.count
        return (own.dropFirst(common).map { _ in ".." } + other.dropFirst(common).map(String.init)).joined(
            separator: "/")
    }

    /// A path of an upstream as the settings have it; a relative one starts in the workspace.
    func upstreamPath(_ path: String, _ environment: Environment) -> String {
        environment.absolute(path.hasPrefix("/") || path.hasPrefix("~") ? path : self.path + "/" + path)
    }
}
