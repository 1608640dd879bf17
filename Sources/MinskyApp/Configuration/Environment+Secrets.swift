import Foundation
import MinskyAI
import MinskyModel

extension Environment {
    /// What frees text of the user's keys before it is shown or stored.
    ///
    /// What local servers are content with, such as `none`, is no secret: a key has at least
    /// `Redactor.disguisedLength` bytes.
    public func redactor() -> Redactor {
        Redactor(keys().filter { $0.utf8.count >= Redactor.disguisedLength })
    }

    /// The user's keys, wherever they are kept; a file that cannot be read holds none that could be shown.
    func keys() -> [String] {
        let variableNames =
            ConfigurationKey.all.filter(\.isSecret).map(\.variable) + Provider.all.compactMap(\.keyVariable)
        let stored = (try? TOMLFile(path: UserSecrets(environment: self).path))?.values.values.map { $0 } ?? []
        return (variableNames.compactMap { variables[$0] } + stored).map(\.trimmingSpace).filter { !$0.isEmpty }
    }

    /// The passwords of the proxies that libcurl may ask, and the form in which it sends them (RFC 7617).
    func proxyPasswords() -> [String] {
        ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].compactMap { variables[$0] }
            .flatMap { proxy in
                let address = ConnectionAddress(proxy.contains("://") ? proxy : "http://" + proxy)
                return address.secrets + address.secrets.map { Data($0.utf8).base64EncodedString() }
            }
    }
}
