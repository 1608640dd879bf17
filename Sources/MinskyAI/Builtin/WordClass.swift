/// A class of words that belong to one part of life; playbooks name it in angle brackets.
enum WordClass: String, CaseIterable, Sendable {
    /// What programs consist of and run on, and what is inside of them.
    case software
    /// Languages, frameworks and databases that have versions of their own.
    case platform
    /// Companies and products whose services programs use.
    case service
    /// The parts of a home and a garden.
    case house
    /// What people are by profession.
    case role
    /// Languages that people speak.
    case language
    /// Numbers of versions: `v2`, `3.1`.
    case version

    /// The classes of one word of a title, as it was typed.
    static func of(_ word: String, stem: String) -> Set<WordClass> {
        var classes = byStem[stem] ?? []
        if isVersion(word) { classes.insert(.version) }
        if looksLikeCode(word) { classes.insert(.software) }
        return classes
    }

    private static let byStem: [String: Set<WordClass>] = {
        var classes: [String: Set<WordClass>] = [:]
        for (name, list) in lists {
            for word in list.split(whereSeparator: \.isWhitespace) {
                classes[Words.stem(String(word)), default: []].insert(name)
            }
        }
        return classes
    }()

    /// `v2`, `3.1`, `v0.9.3`, but no bare number.
    private static func isVersion(_ word: String) -> Bool {
        let isMarked = word.first == "v" || word.first == "V"
        let digits = isMarked ? word.dropFirst() : word[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        return (isMarked || parts.count > 1) && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
    }

    /// `new_checkout`, `OrderService`, `/users`, `--json`, `main.swift`, `run()`.
    private static func looksLikeCode(_ word: String) -> Bool {
        if word.contains("_") || word.hasPrefix("--") || word.contains("()") { return true }
        if word.hasPrefix("/"), word.utf8.count > 1 { return true }
        let letters = Array(word.unicodeScalars)
        if ["Mc", "Mac", "O'", "De", "Di"].contains(where: word.hasPrefix) { return false }
        return zip(letters, letters.dropFirst()).contains { $0.properties.isLowercase && $1.properties.isUppercase }
    }

    private static let lists: [WordClass: String] = [
        .software: """
        account accounts admin admins ajax alert alerts analytics api app applet application apps archive attachment \
        avatar backend backup backups banner blog bot breadcrumb browser bug build button cache calendar captcha cart \
        catalog catalogue chart chatbot checkbox checkout ci class cli client clipboard cloud cluster cms code \
        codebase column comment comments commit component config configuration container cookie coupon crawler cron \
        crm css csv currency currencies customer customers daemon dashboard data database dataset datastore deployment \
        desktop developer device dialog discount dns docker docs domain dropdown editor email emails encoder decoder \
        encoding endpoint engine event-bus export exporter favicon favorites favourites feature features feed field \
        fields file files filter filters firewall firmware folder footer form forms framework frontend function \
        gateway gateways git graph grid gui handler hardware header hook host html http https icon identifier image \
        images import importer inbox index indexer infrastructure input integration interface inventory invoice \
        invoices iframe javascript job jobs json key keyboard kernel landing latency layout library link links \
        linter linux list listing loader localhost log logging login logout logs mailer map maps markdown memory menu \
        message messages metric metrics microservice middleware migration mobile modal model module modules \
        monitoring monorepo navigation network newsletter node notification notifications oauth object offline order \
        orders package pagination page pages pagination parser password passwords pdf permission permissions picker \
        pipeline platform player plugin plugins popup portal preview pricing process product products profile program \
        prompt proxy push qr query queries queue queues receipt record records recurring redirect referral registry \
        reminder reminders render renderer report reports repo repository repositories request response rest \
        rollback route router routes runner runtime scheduler schema screen screens scroll script sdk search section \
        server servers service services session sessions settings shop sidebar signup site sitemap sms snapshot socket \
        software spreadsheet sql ssh ssl sso stack staging stock storage store stream subdomain subscription \
        subscriptions sync syntax system systems tab table tables tag tagging tags task tasks template templates \
        tenant terminal test tests theme thread ticket tickets timeline timestamp timezone tls toggle token tokens \
        toolbar tooltip tracker tracking transaction transactions translation translations trigger ui undo redo \
        unicode upload uploads url user users utf validation validator validators vault vector version video view \
        views virtual vpn warehouse web webapp webhook webhooks website websites websocket widget widgets window \
        wishlist workflow worker workflows workspace xml yaml zip
        """,
        .platform: """
        android angular ansible bootstrap debian dependency django docker dotnet elasticsearch electron express flask \
        flutter gcc golang gradle hibernate ios java jdk jquery junit kotlin kubernetes laravel linux llvm maven \
        mongodb mysql nextjs nginx node nodejs npm nuxt openssl php postgres postgresql python rails react redis ruby \
        rust scala sdk spring sqlite svelte swift symfony tailwind terraform typescript ubuntu vite vue webpack xcode
        """,
        .service: """
        adyen airtable amazon asana auth0 aws azure bitbucket cloudflare confluence crm datadog datev dhl discord \
        dropbox ebay ebays facebook fedex github gitlab google hetzner heroku hubspot instagram intercom jira klarna \
        linkedin mailchimp mastodon microsoft mixpanel netsuite notion okta outlook paypal quickbooks salesforce sap \
        segment sendgrid sentry shopify slack snowflake spotify square stripe supabase teams telegram trello twilio \
        ups wechat whatsapp woocommerce wordpress xero youtube zapier zendesk zoom
        """,
        .house: """
        apartment attic balcony basement bathroom bedroom cabinet cabinets cellar ceiling chimney closet deck door \
        doors driveway drywall faucet fence fireplace flat floor floors flooring garage garden gate gutter gutters \
        hallway heating house insulation kitchen laundry lawn living nursery pantry parquet patio pergola pipe pipes \
        plaster plumbing porch radiator roof room rooms shed shelf shelves shower shutters sink skylight stairs \
        staircase tap terrace tile tiles toilet treehouse wall walls wardrobe wiring yard
        """,
        .role: """
        accountant administrator agent analyst apprentice architect assistant barista bookkeeper carpenter caretaker \
        cashier chef clerk consultant controller cook copywriter counsel designer developer devops director driver \
        editor electrician engineer freelancer gardener intern janitor lawyer lead lecturer manager marketer mechanic \
        nurse nurses officer operator paralegal pharmacist physician postdoc producer professor programmer \
        receptionist recruiter representative researcher rep salesperson scientist secretary seller specialist \
        supervisor teacher technician tester trainee tutor volunteer waiter writer
        """,
        .language: """
        arabic chinese czech danish dutch english finnish french german greek hebrew hindi hungarian italian japanese \
        korean latin mandarin norwegian polish portuguese russian spanish swedish turkish
        """,
    ]
}
